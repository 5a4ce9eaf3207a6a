#include "Extend.h"

namespace ph {
namespace {

constexpr size_t kMostFiles = 5;

LinedJson *findMember(LinedJson &object, std::string_view key) {
  return const_cast<LinedJson *>(static_cast<const LinedJson &>(object).find(key));
}

void shiftLines(LinedJson &value, int by) {
  value.line += by;
  for (LinedJson &item : value.items)
    shiftLines(item, by);
  for (LinedMember &member : value.members)
    shiftLines(member.value, by);
}

/// Entries of `own` take the place of those of `base` of the same name, or are added; null takes one away. Objects down
/// to `depth` are merged in the same way.
void merge(LinedJson &base, LinedJson own, int depth) {
  for (LinedMember &member : own.members) {
    LinedJson *there = findMember(base, member.key);
    if (there && member.value.is(LinedJson::Kind::Null))
      std::erase_if(base.members, [&](const LinedMember &one) { return one.key == member.key; });
    else if (there && depth > 0 && there->is(LinedJson::Kind::Object) && member.value.is(LinedJson::Kind::Object))
      merge(*there, std::move(member.value), depth - 1);
    else if (there)
      *there = std::move(member.value);
    else
      base.members.push_back(std::move(member));
  }
}

/// How deep an entry of a description is merged: "config" and its like by name, what is listed by ecosystem by that.
int mergeDepth(std::string_view key) { return key == "prefixes" ? 1 : 0; }

} // namespace

Expected<LinedJson> extendDescription(LinedJson json, std::vector<std::string> &paths) {
  auto fail = [&](const LinedJson &where, const std::string &message) {
    return Error{ErrorCode::BadModel, paths.back() + ":" + std::to_string(where.line) + ": " + message};
  };
  const LinedJson *extends = json.find("extends");
  if (!extends)
    return json;
  std::string_view text;
  if (extends->is(LinedJson::Kind::String))
    text = builtInDescription(extends->string);
  if (text.empty())
    return fail(*extends, "\"extends\" must name a built-in family");
  if (paths.size() >= kMostFiles)
    return fail(*extends, "more than " + std::to_string(kMostFiles) + " descriptions extend each other");
  const std::string path = extends->string + ".json";
  Expected<LinedJson> parsed = parseLinedJson(text, path);
  if (!parsed)
    return parsed;
  shiftLines(*parsed, int(paths.size()) * Architecture::kLinesOfFile);
  paths.push_back(path);
  Expected<LinedJson> base = extendDescription(std::move(*parsed), paths);
  if (!base)
    return base;
  // What a file says of names is its own; so is which lines it runs, if it says any.
  bool ownLines = json.find("forward") || json.find("functions");
  for (std::string_view key : {"matches", "about"})
    std::erase_if(base->members, [&](const LinedMember &one) { return one.key == key; });
  if (ownLines)
    std::erase_if(base->members, [](const LinedMember &one) { return one.key == "forward" || one.key == "functions"; });
  for (LinedMember &member : json.members) {
    LinedJson *there = findMember(*base, member.key);
    if (member.key == "extends")
      continue;
    if (!there)
      base->members.push_back(std::move(member));
    else if (member.value.is(LinedJson::Kind::Null))
      std::erase_if(base->members, [&](const LinedMember &one) { return one.key == member.key; });
    else if (member.key == "checks" && there->is(LinedJson::Kind::Array) && member.value.is(LinedJson::Kind::Array))
      there->items.insert(there->items.end(), member.value.items.begin(), member.value.items.end());
    else if (there->is(LinedJson::Kind::Object) && member.value.is(LinedJson::Kind::Object))
      merge(*there, std::move(member.value), mergeDepth(member.key));
    else
      *there = std::move(member.value);
  }
  std::erase_if(base->members, [](const LinedMember &one) { return one.key == "extends"; });
  return base;
}

} // namespace ph
