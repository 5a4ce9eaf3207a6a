// "blocks", "functions" and "forward" of a description: the lines that say what is computed.
#include "DescriptionReader.h"
#include <algorithm>

namespace ph {

/// Of all that blocks are copied into; a block of blocks of blocks would have no bound.
static constexpr size_t kMostLines = 100000;

static std::string_view trimmed(std::string_view line) {
  while (!line.empty() && line.front() == ' ')
    line.remove_prefix(1);
  while (!line.empty() && line.back() == ' ')
    line.remove_suffix(1);
  return line;
}

/// Whether some line among these gives `name` a value.
static bool assigns(const std::vector<Statement> &lines, std::string_view name) {
  return std::any_of(lines.begin(), lines.end(), [&](const Statement &line) {
    return std::find(line.targets.begin(), line.targets.end(), name) != line.targets.end() ||
           assigns(line.body, name) || assigns(line.otherwise, name);
  });
}

/// Blocks are read where they are used, so that their order doesn't matter; here each once, so that all are valid.
Status DescriptionReader::readBlocks(const LinedJson &value) {
  for (const auto &[name, lines] : value.members) {
    if (!isDescriptionName(name) || !lines.is(Kind::Array))
      return at(lines, "a block is a name of small letters, digits and _ with a list of lines");
    blocks[name] = &lines;
  }
  for (const auto &[name, lines] : value.members) {
    std::vector<Statement> ignored;
    if (Status error = readLines(lines, ignored))
      return error;
  }
  return {};
}

Status DescriptionReader::useBlock(const LinedJson &item, std::string_view name, std::vector<Statement> &into) {
  auto block = blocks.find(name);
  if (block == blocks.end())
    return at(item, "there is no block \"" + std::string(name) + "\"");
  if (std::find(blocksInUse.begin(), blocksInUse.end(), name) != blocksInUse.end())
    return at(item, "the block \"" + std::string(name) + "\" uses itself");
  blocksInUse.push_back(name);
  Status error = readLines(*block->second, into);
  blocksInUse.pop_back();
  return error;
}

/// The usual case of a decoder, without "functions": (tokens, past, rows, cache) → (logits, cache).
Status DescriptionReader::readForward(const LinedJson &value) {
  FunctionEntry function;
  function.name = "forward";
  function.line = value.line;
  for (auto [name, type] :
       {std::pair("tokens", "tokens"), {"past", "indices"}, {"rows", "indices"}, {"cache", "cache"}})
    function.arguments.push_back({name, value.line, *parseExpression(type)});
  function.results = {"logits"};
  if (Status error = readLines(value, function.body))
    return error;
  if (function.body.empty() || function.body.back().targets != function.results)
    return at(value, "the last line must give \"logits\"");
  out.functions.push_back(std::move(function));
  return {};
}

Status DescriptionReader::readFunctions(const LinedJson &value) {
  for (const LinedJson &item : value.items) {
    FunctionEntry function;
    function.line = item.line;
    if (Status error = readFunction(item, function))
      return error;
    out.functions.push_back(std::move(function));
  }
  return {};
}

Status DescriptionReader::readFunction(const LinedJson &item, FunctionEntry &function) {
  const LinedJson *name = item.find("name");
  if (!name || !name->is(Kind::String) || !isDescriptionName(name->string))
    return at(item, "a function needs a \"name\" of small letters, digits and _");
  function.name = name->string;
  for (const auto &[key, value] : item.members) {
    Status error;
    if (key == "about" || key == "name")
      continue;
    else if (key == "when")
      error = condition(value, function.when);
    else if (key == "arguments" && value.is(Kind::Object))
      error = readArguments(value, function);
    else if (key == "results")
      error = strings(value, function.results);
    else if (key == "lines" && value.is(Kind::Array))
      error = readLines(value, function.body);
    else
      error = at(value, "unknown or mistyped key \"" + key + "\" in the function \"" + function.name + "\"");
    if (error)
      return error;
  }
  if (function.arguments.empty() || function.results.empty() || function.body.empty())
    return at(item, "the function \"" + function.name + "\" needs \"arguments\", \"results\" and \"lines\"");
  for (const std::string &result : function.results)
    if (!assigns(function.body, result))
      return at(item, "no line of \"" + function.name + "\" gives \"" + result + "\"");
  return {};
}

Status DescriptionReader::readArguments(const LinedJson &value, FunctionEntry &function) {
  for (const auto &[name, type] : value.members) {
    ArgumentEntry argument{name, type.line, {}};
    if (!isDescriptionName(name) || out.findConfig(name) || out.findWeight(name))
      return at(type, "\"" + name + "\" is no name of small letters, digits and _, or is that of a weight or quantity");
    if (Status error = expression(type, argument.type))
      return error;
    function.arguments.push_back(std::move(argument));
  }
  return {};
}

Expected<Statement> DescriptionReader::readRepeat(const LinedJson &item, std::string_view head) {
  Statement statement;
  statement.line = item.line;
  statement.kind = Statement::Kind::Repeat;
  if (size_t from = head.find(" from "); from != std::string_view::npos) {
    Expected<Expression> first = parseExpression(trimmed(head.substr(from + 6)));
    if (!first)
      return first.error();
    statement.first = std::move(*first);
    head = head.substr(0, from);
  }
  Expected<Expression> count = parseExpression(trimmed(head));
  if (!count)
    return count.error();
  statement.value = std::move(*count);
  return statement;
}

Status DescriptionReader::readLines(const LinedJson &value, std::vector<Statement> &into) {
  struct Open {
    std::vector<Statement> *lines;
    bool isRepeat, hasElse;
  };
  std::vector<Open> open = {{&into, false, false}};
  for (const LinedJson &item : value.items) {
    if (++linesRead > kMostLines)
      return at(item, "blocks make more than " + std::to_string(kMostLines) + " lines");
    if (!item.is(Kind::String))
      return at(item, "expected a line of the description in a string");
    std::string_view line = trimmed(item.string);
    std::vector<Statement> &lines = *open.back().lines;
    if (line == "}" || line == "} else {") {
      if (open.size() == 1)
        return at(item, "'}' without a repeat or if");
      Open closed = open.back();
      open.pop_back();
      if (line == "}")
        continue;
      if (closed.isRepeat || closed.hasElse)
        return at(item, "an else without its if");
      open.push_back({&open.back().lines->back().otherwise, false, true});
    } else if (line.starts_with("use ")) {
      if (Status error = useBlock(item, trimmed(line.substr(4)), lines))
        return error;
    } else if (line.ends_with("{") && (line.starts_with("repeat ") || line.starts_with("if "))) {
      bool isRepeat = line.starts_with("repeat ");
      if (isRepeat && std::any_of(open.begin(), open.end(), [](const Open &one) { return one.isRepeat; }))
        return at(item, "a repeat inside a repeat");
      if (open.size() > 8)
        return at(item, "more than 8 braces inside each other");
      std::string_view head = line.substr(isRepeat ? 7 : 3);
      head.remove_suffix(1);
      Statement statement;
      statement.line = item.line;
      statement.kind = Statement::Kind::If;
      if (isRepeat) {
        Expected<Statement> repeat = readRepeat(item, head);
        if (!repeat)
          return at(item, repeat.error().message);
        statement = std::move(*repeat);
      } else {
        Expected<Expression> parsed = parseExpression(trimmed(head));
        if (!parsed)
          return at(item, parsed.error().message);
        statement.value = std::move(*parsed);
      }
      lines.push_back(std::move(statement));
      open.push_back({&lines.back().body, isRepeat, false});
    } else {
      Expected<Statement> parsed = parseAssignment(line, item.line);
      if (!parsed)
        return at(item, parsed.error().message);
      lines.push_back(std::move(*parsed));
    }
  }
  if (open.size() > 1)
    return at(value, "a repeat or if without its '}'");
  return {};
}

} // namespace ph
