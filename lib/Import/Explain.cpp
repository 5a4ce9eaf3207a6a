// A description in words: its quantities, its weights, and what is computed, for people who read or write one.
#include "Description/Architecture.h"
#include "Forward/Builtins.h"
#include "powerhouse/Import/Import.h"

namespace ph {
namespace {

class Explainer {
public:
  explicit Explainer(const Architecture &family) : family(family) {}

  std::string explain() {
    say("family " + family.family);
    for (size_t i = 1; i < family.paths.size(); ++i)
      say("  extends " + family.paths[i]);
    if (!family.about.empty())
      say("  " + family.about);
    for (const auto &[ecosystem, names] : family.matches)
      say("  " + ecosystem + ": " + joined(names, ", "));
    say("\nquantities");
    for (const ConfigEntry &entry : family.config)
      quantity(entry);
    if (!family.checks.empty())
      say("\nchecks");
    for (const CheckEntry &check : family.checks)
      say("  " + check.condition.source + "\n      otherwise: " + check.message);
    say("\nweights");
    for (const auto &[ecosystem, prefixes] : family.prefixes)
      for (const auto &[name, texts] : prefixes)
        say("  {" + name + "} in " + ecosystem + " names is the first that is there of \"" + joined(texts, "\", \"") +
            "\"");
    for (const WeightEntry &entry : family.weights)
      weight(entry);
    for (const FunctionEntry &entry : family.functions)
      function(entry);
    say("\noperations");
    for (const Builtin *builtin : used)
      say("  " + std::string(builtin->usage) + "\n      " + std::string(builtin->meaning));
    return std::move(text);
  }

private:
  void say(const std::string &line) { text += line + "\n"; }

  static std::string joined(const std::vector<std::string> &parts, const std::string &by) {
    std::string result;
    for (const std::string &part : parts)
      result += (&part == &parts.front() ? "" : by) + part;
    return result;
  }

  static std::string typeName(const ConfigEntry &entry) {
    static constexpr const char *names[] = {"integer", "number", "string", "boolean", "activation", "rope"};
    std::string name = names[static_cast<int>(entry.type)];
    return entry.isList ? "list of " + name + "s" : name;
  }

  void quantity(const ConfigEntry &entry) {
    std::string line = "  " + entry.name + ": " + typeName(entry);
    if (entry.range)
      line += " from " + toString(Scalar(entry.range->first)) + " to " + toString(Scalar(entry.range->second));
    for (const auto &[said, meant] : entry.oneOf)
      line += (&said == &entry.oneOf.front().first ? ", one of " : ", ") + said +
              (meant ? " (" + toString(*meant) + ")" : "");
    for (const auto &[name, value] : entry.rope)
      line += ", " + name + " = " + value.source;
    say(line);
    for (const auto &[ecosystem, keys] : entry.keys)
      say("      " + ecosystem + ": " + joined(keys, ", else "));
    for (const auto &[ecosystem, value] : entry.fallback)
      say("      else" + (ecosystem.empty() ? "" : " in " + ecosystem) + ": " + value.source);
    if (entry.ofNull)
      say("      where it is null: " + entry.ofNull->source);
  }

  void weight(const WeightEntry &entry) {
    std::string line = "  " + entry.name + ": ";
    for (const Expression &size : entry.shape)
      line += (&size == &entry.shape.front() ? "[" : ", ") + size.source;
    line += "]";
    if (entry.stacked)
      line += " for each of " + (entry.count ? entry.count->source : "layers") + " layers";
    if (entry.where)
      line += " where " + entry.where->source;
    if (entry.when)
      line += ", if " + entry.when->source;
    if (!entry.otherwise.empty())
      line += ", else " + entry.otherwise;
    say(line + (entry.optional ? ", may be missing" : ""));
    for (const auto &[ecosystem, alternatives] : entry.sources)
      for (const WeightEntry::Parts &parts : alternatives) {
        std::vector<std::string> names;
        for (const WeightSource &source : parts) {
          std::string name = source.tensor;
          for (const Expression &transform : source.transforms)
            name += ", " + transform.source;
          names.push_back(std::move(name));
        }
        say("      " + ecosystem + (&parts == &alternatives.front() ? ": " : " or: ") + joined(names, " and "));
      }
  }

  void function(const FunctionEntry &entry) {
    std::vector<std::string> arguments;
    for (const ArgumentEntry &argument : entry.arguments)
      arguments.push_back(argument.name + ": " + argument.type.source);
    say("\n" + entry.name + "(" + joined(arguments, ", ") + ") gives " + joined(entry.results, ", ") +
        (entry.when ? ", if " + entry.when->source : ""));
    lines(entry.body, "  ");
  }

  void lines(const std::vector<Statement> &body, const std::string &indent) {
    for (const Statement &statement : body) {
      note(statement.value);
      if (statement.kind == Statement::Kind::Assign) {
        say(indent + statement.value.source);
        continue;
      }
      bool isRepeat = statement.kind == Statement::Kind::Repeat;
      say(indent + (isRepeat ? "repeat " : "if ") + statement.value.source +
          (statement.first ? " from " + statement.first->source : "") + " {");
      lines(statement.body, indent + "  ");
      if (!statement.otherwise.empty()) {
        say(indent + "} else {");
        lines(statement.otherwise, indent + "  ");
      }
      say(indent + "}");
    }
  }

  /// Keeps which operations there are, in the order of their first use.
  void note(const Expression &expression) {
    if (expression.is(Expression::Kind::Call))
      if (const Builtin *builtin = findBuiltin(expression.text); builtin && !llvm::is_contained(used, builtin))
        used.push_back(builtin);
    for (const Expression &argument : expression.arguments)
      note(argument);
  }

  const Architecture &family;
  std::vector<const Builtin *> used;
  std::string text;
};

} // namespace

std::vector<std::string> knownArchitectures() { return builtInFamilies(); }

Expected<std::string> explainArchitecture(const std::string &nameOrFile) {
  auto family = findArchitecture(nameOrFile);
  if (!family)
    return family.error();
  return Explainer(**family).explain();
}

} // namespace ph
