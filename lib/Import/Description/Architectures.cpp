// The families that the compiler knows by itself: the files of Architectures/, embedded.
#include "Architecture.h"
#include "Extend.h"
#include "runtime/base/Quote.h"
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace ph {
namespace {

struct Embedded {
  std::string_view name, text;
};

constexpr Embedded kEmbedded[] = {
#include "Architectures.inc"
};

constexpr size_t kLargestFile = 1 << 20;

Expected<std::string> readText(const std::string &path) {
  std::FILE *file = std::fopen(path.c_str(), "rb");
  if (!file)
    return Error{ErrorCode::Failed, path + ": " + std::strerror(errno)};
  std::string text(kLargestFile + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  int failure = std::ferror(file) ? errno : 0;
  std::fclose(file);
  if (failure)
    return Error{ErrorCode::Failed, path + ": " + std::strerror(failure)};
  if (text.size() > kLargestFile)
    return Error{ErrorCode::BadModel, path + ": an architecture description larger than 1 MiB"};
  return text;
}

} // namespace

std::string_view builtInDescription(std::string_view family) {
  for (const Embedded &file : kEmbedded)
    if (file.name.substr(0, file.name.rfind('.')) == family)
      return file.text;
  return {};
}

std::vector<std::string> builtInFamilies() {
  std::vector<std::string> names;
  for (const Embedded &file : kEmbedded)
    names.emplace_back(file.name.substr(0, file.name.rfind('.')));
  return names;
}

Expected<std::shared_ptr<const Architecture>> findArchitecture(const std::string &nameOrFile) {
  if (std::string_view text = builtInDescription(nameOrFile); !text.empty())
    return parseArchitecture(text, nameOrFile + ".json");
  Expected<std::string> text = readText(nameOrFile);
  if (text)
    return parseArchitecture(*text, nameOrFile);
  std::string known;
  for (const std::string &name : builtInFamilies())
    known += (known.empty() ? "" : ", ") + name;
  return Error{text.error().code, text.error().message + "; it is no built-in family either, which are " + known};
}

Expected<std::shared_ptr<const Architecture>> builtInArchitecture(const std::string &ecosystem, const std::string &name,
                                                                  std::string &known) {
  for (const Embedded &embedded : kEmbedded) {
    auto parsed = parseArchitecture(embedded.text, std::string(embedded.name));
    if (!parsed)
      return parsed;
    auto names = (*parsed)->matches.find(ecosystem);
    if (names == (*parsed)->matches.end())
      continue;
    for (const std::string &each : names->second) {
      if (each == name)
        return parsed;
      known += (known.empty() ? "" : ", ") + each;
    }
  }
  return std::shared_ptr<const Architecture>();
}

Expected<std::shared_ptr<const Architecture>> chooseArchitecture(const SourceModel &model, const std::string &file) {
  const std::string ecosystem(model.ecosystem());
  if (!file.empty()) {
    Expected<std::string> text = readText(file);
    if (!text)
      return text.error();
    auto parsed = parseArchitecture(*text, file);
    if (parsed && !(*parsed)->matches.count(ecosystem))
      return Error{ErrorCode::BadModel, file + ": describes no " + ecosystem + " checkpoints (\"matches\" has no \"" +
                                            ecosystem + "\"), but " + model.path() + " is one"};
    return parsed;
  }
  Expected<std::string> wanted = model.architecture();
  if (!wanted)
    return wanted.error();
  std::string known;
  auto found = builtInArchitecture(ecosystem, *wanted, known);
  if (!found || *found)
    return found;
  return Error{ErrorCode::BadModel, model.path() + ": unknown architecture " + quoteText(*wanted) + "; known are " +
                                        known +
                                        "; describe another one in a file and give it with --architecture FILE"};
}

} // namespace ph
