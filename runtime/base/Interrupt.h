// What Ctrl-C does.
#pragma once

namespace ph {

enum class OnInterrupt {
  Exit, ///< remove unfinished output files and exit with 130 at once
  Flag, ///< set the flag; a second one before clearInterrupt() does as Exit
};

/// Installs the handlers of SIGINT and SIGTERM (which always exits, with 143), and has a file size limit come back as
/// an error of write instead of a signal. For tools' mains; may be called again to change `on`.
void handleInterrupts(OnInterrupt on);
/// Whether SIGINT came since the last clearInterrupt().
bool interrupted();
void clearInterrupt();

} // namespace ph
