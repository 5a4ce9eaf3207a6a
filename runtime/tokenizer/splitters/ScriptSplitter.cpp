#include "runtime/tokenizer/splitters/Splitter.h"
#include "runtime/tokenizer/unicode/Characters.h"
#include "runtime/tokenizer/unicode/CodePoints.h"

namespace ph {
namespace {

class ScriptSplitter final : public Splitter {
public:
  Status split(Piece piece, RegexScratch &, PieceSink &sink) const override {
    uint8_t script = unicode::noScript;
    size_t begin = 0;
    auto give = [&](size_t end) {
      return script == unicode::noScript
                 ? Status()
                 : sink.piece({piece.text.substr(begin, end - begin), piece.first && begin == 0});
    };
    for (size_t at = 0; at < piece.text.size();) {
      const CodePoint point = firstCodePoint(piece.text.substr(at));
      const uint8_t now = unicode::script(point.value);
      if (now != unicode::noScript && now != script) {
        if (auto e = give(at))
          return e;
        script = now;
        begin = at;
      }
      at += point.length;
    }
    return give(piece.text.size());
  }
};

} // namespace

std::unique_ptr<Splitter> splitByScript() { return std::make_unique<ScriptSplitter>(); }

} // namespace ph
