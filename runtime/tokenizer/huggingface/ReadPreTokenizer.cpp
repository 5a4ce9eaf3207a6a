#include "runtime/tokenizer/huggingface/ReadSteps.h"

namespace ph {
namespace {

SplitBehavior readBehavior(const JsonFields &fields, const char *absent) {
  const std::string name = fields.string("behavior", absent);
  for (auto [known, behavior] :
       {std::pair("Isolated", SplitBehavior::Isolated), std::pair("Removed", SplitBehavior::Removed),
        std::pair("MergedWithPrevious", SplitBehavior::MergedWithPrevious),
        std::pair("MergedWithNext", SplitBehavior::MergedWithNext), std::pair("Contiguous", SplitBehavior::Contiguous)})
    if (name == known)
      return behavior;
  fields.fail("behavior", "is " + quoteText(name) +
                              "; Isolated, Removed, MergedWithPrevious, MergedWithNext and Contiguous are known");
  return SplitBehavior::Isolated;
}

/// An expression that matches just `text`.
std::string escaped(const std::string &text) {
  std::string pattern;
  for (char c : text) {
    if (static_cast<unsigned char>(c) < 0x80 && !((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9') &&
        static_cast<unsigned char>(c) > ' ' && c != 0x7F)
      pattern += '\\';
    pattern += c;
  }
  return pattern;
}

std::unique_ptr<Splitter> byRegex(const JsonFields &fields, const char *key, const std::string &pattern,
                                  SplitBehavior behavior, bool invert) {
  auto regex = Regex::compile(pattern);
  if (regex)
    return splitByRegex(std::move(*regex), behavior, invert);
  fields.fail(key, ": " + regex.error().message);
  return nullptr;
}

/// One step after the other, sequences within sequences too.
void flatten(const JsonFields &fields, std::vector<JsonFields> &out) {
  if (fields.failed())
    return;
  if (fields.requiredString("type") != "Sequence") {
    out.push_back(fields);
    return;
  }
  for (const JsonFields &each : fields.objects("pretokenizers"))
    flatten(each, out);
}

PrependScheme readScheme(const JsonFields &fields) {
  const std::string scheme =
      fields.string("prepend_scheme", fields.boolean("add_prefix_space", true) ? "always" : "never");
  if (scheme != "always" && scheme != "first" && scheme != "never")
    fields.fail("prepend_scheme", "is " + quoteText(scheme) + "; always, first and never are known");
  return scheme == "first" ? PrependScheme::First : scheme == "never" ? PrependScheme::Never : PrependScheme::Always;
}

void readStep(const JsonFields &fields, bool last, Splitters &steps, bool &spellsBytes) {
  const std::string type = fields.requiredString("type");
  auto add = [&](std::unique_ptr<Splitter> step) {
    if (step)
      steps.push_back(std::move(step));
  };
  if (type == "ByteLevel") {
    if (fields.boolean("add_prefix_space", true))
      add(prependSpace());
    if (fields.boolean("use_regex", true))
      add(byRegex(fields, "use_regex", gpt2Pattern, SplitBehavior::Isolated, false));
    if (last)
      spellsBytes = true;
    else
      add(spellBytes());
  } else if (type == "Split") {
    const JsonFields pattern = fields.object("pattern");
    const bool regex = pattern.has("Regex");
    const std::string text = regex ? pattern.string("Regex", "") : pattern.requiredString("String");
    const SplitBehavior behavior = readBehavior(fields, "");
    if (regex || !text.empty())
      add(byRegex(fields, "pattern", regex ? text : escaped(text), behavior, fields.boolean("invert", false)));
  } else if (type == "Metaspace") {
    add(splitAtMetaspace(readCharacter(fields, "replacement", "\xE2\x96\x81"), readScheme(fields),
                         fields.boolean("split", true)));
  } else if (type == "Whitespace") {
    add(splitIntoWords());
  } else if (type == "WhitespaceSplit") {
    add(splitByCharacter(unicode::isWhitespace, SplitBehavior::Removed));
  } else if (type == "BertPreTokenizer") {
    add(splitByCharacter(unicode::isWhitespace, SplitBehavior::Removed));
    add(splitByCharacter(unicode::isPunctuation, SplitBehavior::Isolated));
  } else if (type == "Punctuation") {
    add(splitByCharacter(unicode::isPunctuation, readBehavior(fields, "Isolated")));
  } else if (type == "Digits") {
    add(splitByCharacter(unicode::isNumeric, fields.boolean("individual_digits", false) ? SplitBehavior::Isolated
                                                                                        : SplitBehavior::Contiguous));
  } else if (type == "CharDelimiterSplit") {
    add(byRegex(fields, "delimiter", escaped(readCharacter(fields, "delimiter", " ")), SplitBehavior::Removed, false));
  } else if (type == "FixedLength") {
    add(splitByLength(static_cast<size_t>(fields.integer("length", 5, 1, INT32_MAX))));
  } else if (type == "UnicodeScripts") {
    add(splitByScript());
  } else {
    fields.unknownType(type, "Sequence, ByteLevel, Split, Metaspace, Whitespace, WhitespaceSplit, BertPreTokenizer, "
                             "Punctuation, Digits, CharDelimiterSplit, FixedLength and UnicodeScripts");
  }
}

} // namespace

void readPreTokenizer(const JsonFields &fields, Splitters &steps, bool &spellsBytes) {
  std::vector<JsonFields> all;
  flatten(fields, all);
  if (all.size() > mostSteps)
    return fields.fail("", "has more than 64 steps");
  for (size_t i = 0; i < all.size() && !fields.failed(); ++i)
    readStep(all[i], i + 1 == all.size(), steps, spellsBytes);
}

} // namespace ph
