#define PCRE2_CODE_UNIT_WIDTH 8
#include "runtime/tokenizer/regex/Regex.h"
#include "runtime/tokenizer/Utf8.h"
#include "runtime/tokenizer/unicode/Characters.h"
#include <algorithm>
#include <pcre2.h>

namespace ph {
namespace {

// Generous for every expression in use, which are near linear; small enough to end in a fraction of a second.
constexpr uint32_t depthLimit = 5'000'000, heapLimitKiB = 64 * 1024;
constexpr size_t baseSteps = 50'000, stepsPerByte = 64, mostSteps = 20'000'000; // of one match
constexpr size_t jitStackBytes = 1 << 20, maximumPattern = 16 * 1024;

std::string describe(int code) {
  PCRE2_UCHAR message[256] = {};
  pcre2_get_error_message(code, message, sizeof message);
  return reinterpret_cast<const char *>(message);
}

template <auto free> struct Freeing {
  template <class T> void operator()(T *pointer) const { free(pointer); }
};
using Code = std::unique_ptr<pcre2_code, Freeing<pcre2_code_free>>;
using CompileContext = std::unique_ptr<pcre2_compile_context, Freeing<pcre2_compile_context_free>>;

Expected<Code> compileOne(std::string_view pattern, bool newCharacters) {
  auto translated = translateRegex(pattern, newCharacters);
  if (!translated)
    return translated.error();
  CompileContext context(pcre2_compile_context_create(nullptr));
  if (!context)
    return Error{ErrorCode::Failed, "out of memory"};
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  pcre2_set_parens_nest_limit(context.get(), 64);
  int code = 0;
  PCRE2_SIZE offset = 0;
  Code compiled(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated->data()), translated->size(),
                              PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &code, &offset,
                              context.get()));
  if (!compiled)
    return Error{ErrorCode::BadModel,
                 "regular expression at " + std::to_string(offset) + " of its translation: " + describe(code)};
  // Where a hardened kernel forbids it, matching is interpreted: slower, the same result.
  pcre2_jit_compile(compiled.get(), PCRE2_JIT_COMPLETE);
  return compiled;
}

} // namespace

struct RegexScratch::Parts {
  std::unique_ptr<pcre2_match_data, Freeing<pcre2_match_data_free>> data;
  std::unique_ptr<pcre2_match_context, Freeing<pcre2_match_context_free>> context;
  std::unique_ptr<pcre2_jit_stack, Freeing<pcre2_jit_stack_free>> stack;

  Parts() : data(pcre2_match_data_create(1, nullptr)), context(pcre2_match_context_create(nullptr)) {
    if (!context)
      return;
    pcre2_set_depth_limit(context.get(), depthLimit);
    pcre2_set_heap_limit(context.get(), heapLimitKiB);
    stack.reset(pcre2_jit_stack_create(32 * 1024, jitStackBytes, nullptr));
    if (stack)
      pcre2_jit_stack_assign(context.get(), nullptr, stack.get());
  }
};

RegexScratch::RegexScratch() = default;
RegexScratch::~RegexScratch() = default;

struct Regex::Codes {
  Code usual, withNew; ///< the second is slower, for texts with characters that PCRE2 doesn't know
};

Regex::Regex() = default;
Regex::Regex(Regex &&) noexcept = default;
Regex &Regex::operator=(Regex &&) noexcept = default;
Regex::~Regex() = default;

Expected<Regex> Regex::compile(std::string_view pattern) {
  if (pattern.size() > maximumPattern)
    return Error{ErrorCode::BadModel, "a regular expression of " + std::to_string(pattern.size()) + " bytes; at most " +
                                          std::to_string(maximumPattern) + " are accepted"};
  auto usual = compileOne(pattern, false);
  if (!usual)
    return usual.error();
  auto withNew = compileOne(pattern, true);
  if (!withNew)
    return withNew.error();
  Regex regex;
  regex.codes = std::make_unique<Codes>(Codes{std::move(*usual), std::move(*withNew)});
  return regex;
}

Regex::Search::Search(const Regex &regex, std::string_view text, RegexScratch &scratch)
    : code((unicode::hasNewCharacters(text) ? regex.codes->withNew : regex.codes->usual).get()), text(text),
      scratch(scratch) {}

Expected<std::optional<Regex::Match>> Regex::Search::next() {
  if (over)
    return std::optional<Match>();
  if (!scratch.parts)
    scratch.parts = std::make_unique<RegexScratch::Parts>();
  const auto &parts = *scratch.parts;
  if (!parts.data || !parts.context)
    return Error{ErrorCode::Failed, "out of memory while splitting text into words"};
  pcre2_set_match_limit(parts.context.get(),
                        static_cast<uint32_t>(std::min(mostSteps, baseSteps + stepsPerByte * text.size())));
  auto match = [&](uint32_t options) {
    return pcre2_match(static_cast<const pcre2_code *>(code), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                       from, PCRE2_NO_UTF_CHECK | options, parts.data.get(), parts.context.get());
  };
  int found = match(0);
  if (found == PCRE2_ERROR_JIT_STACKLIMIT) // the interpreter keeps its backtracking on the heap
    found = match(PCRE2_NO_JIT);
  if (found == PCRE2_ERROR_NOMATCH) {
    over = true;
    return std::optional<Match>();
  }
  if (found < 0)
    return Error{ErrorCode::Failed, "can't split the text into words near byte " + std::to_string(from) + ": " +
                                        describe(found) + "; split it into shorter texts"};
  const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(parts.data.get());
  const Match result{ends[0], ends[1]};
  if (result.end < result.begin) { // \K in a look-ahead can do that
    over = true;
    return std::optional<Match>();
  }
  from = result.end;
  if (result.end == result.begin) {
    over = result.end >= text.size();
    if (!over)
      from += static_cast<size_t>(utf8Length(text.substr(result.end, 4)));
  }
  return std::optional<Match>(result);
}

} // namespace ph
