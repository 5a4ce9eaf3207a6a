#define PCRE2_CODE_UNIT_WIDTH 8
#include "runtime/tokenizer/PreTokenizer.h"
#include "runtime/tokenizer/Utf8.h"
#include <pcre2.h>

namespace ph {
namespace {

// Generous for every pattern of the table, which are near linear; small enough to end in well under a second.
constexpr uint32_t matchLimit = 20'000'000, depthLimit = 10'000'000, heapLimitKiB = 64 * 1024;
constexpr size_t jitStackBytes = 1 << 20;

std::string describe(int code) {
  PCRE2_UCHAR message[256] = {};
  pcre2_get_error_message(code, message, sizeof message);
  return reinterpret_cast<const char *>(message);
}

template <auto free> struct Freeing {
  template <class T> void operator()(T *pointer) const { free(pointer); }
};
using MatchData = std::unique_ptr<pcre2_match_data, Freeing<pcre2_match_data_free>>;
using MatchContext = std::unique_ptr<pcre2_match_context, Freeing<pcre2_match_context_free>>;
using JitStack = std::unique_ptr<pcre2_jit_stack, Freeing<pcre2_jit_stack_free>>;

} // namespace

struct PreTokenizer::Pattern {
  std::unique_ptr<pcre2_code, Freeing<pcre2_code_free>> code;
};

/// What one thread needs to match one pattern.
struct PreTokenizer::Matcher {
  MatchData data;
  MatchContext context;
  JitStack stack;
};

PreTokenizer::PreTokenizer() = default;
PreTokenizer::PreTokenizer(PreTokenizer &&) noexcept = default;
PreTokenizer &PreTokenizer::operator=(PreTokenizer &&) noexcept = default;
PreTokenizer::~PreTokenizer() = default;

Expected<PreTokenizer> PreTokenizer::create(const PreTokenizerSpec &spec) {
  PreTokenizer result;
  for (size_t i = 0; i < spec.patterns.size(); ++i) {
    int code = 0;
    PCRE2_SIZE offset = 0;
    Pattern pattern;
    pattern.code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(spec.patterns[i]), PCRE2_ZERO_TERMINATED,
                                     PCRE2_UTF | PCRE2_UCP, &code, &offset, nullptr));
    if (!pattern.code)
      return Error{ErrorCode::Failed, "pre-tokenizer '" + std::string(spec.names.front()) + "': pattern " +
                                          std::to_string(i) + " at " + std::to_string(offset) + ": " + describe(code)};
    // Where a hardened kernel forbids it, matching is interpreted: slower, the same result.
    pcre2_jit_compile(pattern.code.get(), PCRE2_JIT_COMPLETE);
    result.patterns.push_back(std::move(pattern));
  }
  return result;
}

Status PreTokenizer::split(std::string_view text, PieceSink &sink) const {
  std::vector<Matcher> matchers;
  for (const Pattern &pattern : patterns) {
    Matcher matcher;
    matcher.data.reset(pcre2_match_data_create_from_pattern(pattern.code.get(), nullptr));
    matcher.context.reset(pcre2_match_context_create(nullptr));
    matcher.stack.reset(pcre2_jit_stack_create(32 * 1024, jitStackBytes, nullptr));
    if (!matcher.data || !matcher.context)
      return Error{ErrorCode::Failed, "out of memory while splitting text into words"};
    pcre2_set_match_limit(matcher.context.get(), matchLimit);
    pcre2_set_depth_limit(matcher.context.get(), depthLimit);
    pcre2_set_heap_limit(matcher.context.get(), heapLimitKiB);
    if (matcher.stack)
      pcre2_jit_stack_assign(matcher.context.get(), nullptr, matcher.stack.get());
    matchers.push_back(std::move(matcher));
  }

  // Patterns see well-formed text only, so PCRE2 needs no check of its own (which would be one per match).
  size_t begin = 0;
  while (begin < text.size()) {
    size_t end = begin;
    int length = 0;
    while (end < text.size() && (length = utf8Length(text.substr(end, 4))) > 0)
      end += length;
    if (end > begin)
      if (auto e = splitFrom(0, text.substr(begin, end - begin), matchers, sink))
        return e;
    begin = end;
    while (end < text.size() && utf8Length(text.substr(end, 4)) <= 0)
      ++end;
    if (end > begin)
      if (auto e = sink.piece(text.substr(begin, end - begin)))
        return e;
    begin = end;
  }
  return {};
}

Status PreTokenizer::splitFrom(size_t index, std::string_view text, std::vector<Matcher> &matchers,
                               PieceSink &sink) const {
  if (index == patterns.size())
    return sink.piece(text);
  const pcre2_code *code = patterns[index].code.get();
  Matcher &matcher = matchers[index];
  auto subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  size_t done = 0, from = 0; // text[0, done) has been handed on; the next match begins at or after `from`
  while (done < text.size()) {
    size_t begin = text.size(), end = text.size();
    if (from < text.size()) {
      int found =
          pcre2_match(code, subject, text.size(), from, PCRE2_NO_UTF_CHECK, matcher.data.get(), matcher.context.get());
      if (found == PCRE2_ERROR_JIT_STACKLIMIT) // the interpreter keeps its backtracking on the heap
        found = pcre2_match(code, subject, text.size(), from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, matcher.data.get(),
                            matcher.context.get());
      if (found < 0 && found != PCRE2_ERROR_NOMATCH)
        return Error{ErrorCode::Failed, "can't split the text into words near byte " + std::to_string(from) + ": " +
                                            describe(found) + "; split it into shorter texts"};
      if (found > 0) {
        begin = pcre2_get_ovector_pointer(matcher.data.get())[0];
        end = pcre2_get_ovector_pointer(matcher.data.get())[1];
      }
    }
    if (begin > done)
      if (auto e = splitFrom(index + 1, text.substr(done, begin - done), matchers, sink))
        return e;
    if (end > begin)
      if (auto e = splitFrom(index + 1, text.substr(begin, end - begin), matchers, sink))
        return e;
    done = end;
    // An empty match only cuts; the search goes on after the next character.
    from = end > begin || end == text.size() ? end : end + utf8Length(text.substr(end, 4));
  }
  return {};
}

} // namespace ph
