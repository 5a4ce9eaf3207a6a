#include "Selection.h"
#include <cmath>

using namespace mlir;

namespace ph::conversion {

Candidate aheadOfAll(ScalarBuilder &s) { return {s.f32(INFINITY), s.i32(-1)}; }

Candidate nextBest(Lowering &l, Value row, const Candidate &previous,
                   function_ref<Value(ScalarBuilder &, Value, Value)> counts) {
  ScalarBuilder &s = l.s;
  Value lowest = s.f32(-INFINITY), none = s.i32(-1);
  Indexed best = {l.filled({}, lowest), {}}, place = {l.filled({}, none), {}};
  SmallVector<Value> found =
      l.structured(1, l.whole(row), {best, place}, [&](ScalarBuilder &s, ValueRange e) -> SmallVector<Value> {
        using Kind = xf::CompareKind;
        Value here = s.convert(s.loop(0), s.getI32Type());
        Value key = s.select(s.compare(Kind::Eq, e[0], e[0]), e[0], lowest);
        Value later = s.both(s.compare(Kind::Eq, key, previous.value), s.compare(Kind::Gt, here, previous.place));
        Value better = s.either(s.compare(Kind::Lt, key, previous.value), later);
        better = s.both(better, s.either(s.compare(Kind::Lt, e[2], s.i32(0)), s.compare(Kind::Gt, key, e[1])));
        if (counts)
          better = s.both(better, counts(s, e[0], s.loop(0)));
        return {s.select(better, key, e[1]), s.select(better, here, e[2])};
      });
  return {s.at(found[0], {}), s.at(found[1], {})};
}

} // namespace ph::conversion
