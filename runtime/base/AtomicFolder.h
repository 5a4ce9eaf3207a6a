// A folder of files that appears whole or not at all.
#pragma once
#include "runtime/base/Error.h"
#include <string>

namespace ph {

/// Files go into a temporary folder beside `path`; commit() moves it there. Without commit, nothing is left. Errors:
/// Disk when the medium is full or failing, Failed otherwise; they name the folder.
class AtomicFolder {
public:
  static Expected<AtomicFolder> create(const std::string &path);
  AtomicFolder(AtomicFolder &&other) noexcept;
  AtomicFolder &operator=(AtomicFolder &&other) = delete;
  ~AtomicFolder();

  /// Where to write, with files that reach the medium by themselves (AtomicFile).
  const std::string &path() const { return temporary; }
  /// Flushes the folder's names to the medium and moves it to its path, in exchange for an older
  /// folder there, which is removed.
  Status commit();

  /// Removes the folder `path` in two steps, so that it is never seen in part: to a name that isTemporary, then its
  /// files.
  static Status remove(const std::string &path);
  /// Whether a name is of what create and remove, and AtomicFile, leave behind in a process that is killed:
  /// "<name>.tmp.<number>.<number>".
  static bool isTemporary(const std::string &name);

private:
  AtomicFolder() = default;
  std::string target, temporary; ///< temporary is empty once moved
};

/// Flushes the names in a folder to the medium. Errors: Disk.
Status syncFolder(const std::string &path);

} // namespace ph
