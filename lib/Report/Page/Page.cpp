#include "lib/Report/Page/Page.h"
#include "llvm/Support/ErrorHandling.h"

using namespace llvm;

namespace ph::report {
namespace {

struct EmbeddedFile {
  const char *name, *text;
};

StringRef getFile(StringRef name) {
  static constexpr EmbeddedFile files[] = {
#include "lib/Report/Page.inc"
  };
  for (const EmbeddedFile &file : files)
    if (name == file.name)
      return file.text;
  llvm_unreachable("no such file in lib/Report/Page");
}

} // namespace

std::string escape(StringRef text) {
  std::string result;
  for (char c : text)
    switch (c) {
    case '<':
      result += "&lt;";
      break;
    case '>':
      result += "&gt;";
      break;
    case '&':
      result += "&amp;";
      break;
    case '"':
      result += "&quot;";
      break;
    default:
      result += c;
    }
  return result;
}

void beginPage(raw_ostream &out, StringRef title, StringRef subtitle) {
  out << "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      << "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" << escape(title)
      << "</title>\n<style>\n"
      << getFile("style.css") << "</style>\n</head>\n<body>\n<header>\n<h1>" << escape(title) << "</h1>\n<p>"
      << escape(subtitle) << "</p>\n</header>\n<main>\n";
}

void endPage(raw_ostream &out, StringRef script) {
  out << "</main>\n<script>\n" << getFile(script) << "</script>\n</body>\n</html>\n";
}

} // namespace ph::report
