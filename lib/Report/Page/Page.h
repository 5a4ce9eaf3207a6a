// What pages have in common: they are whole in themselves, with style and script inside.
#pragma once
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace ph::report {

/// Text for HTML, also inside quoted attributes.
std::string escape(llvm::StringRef text);
/// Everything up to the content of <main>.
void beginPage(llvm::raw_ostream &out, llvm::StringRef title, llvm::StringRef subtitle);
/// `script` is the name of a file in lib/Report/Page.
void endPage(llvm::raw_ostream &out, llvm::StringRef script);

} // namespace ph::report
