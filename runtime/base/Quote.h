// Untrusted text in messages.
#pragma once
#include <string>
#include <string_view>

namespace ph {

/// `text` between apostrophes, cut at 100 bytes and with all but printable ASCII escaped: for names out of files.
std::string quoteText(std::string_view text);

} // namespace ph
