#include "Phase.h"

using namespace mlir;

namespace ph::conversion {

// Ranges per thread and phase: enough to even out a thread that lost its core, few enough to stream.
static constexpr int64_t kClaimsPerThread = 4;

void emitPhase(ImplicitLocOpBuilder &b, const TeamArguments &team, Value units,
               llvm::function_ref<void(Value, Value)> work) {
  Value claims = arith::MulIOp::create(b, team.threads, arith::ConstantIndexOp::create(b, kClaimsPerThread));
  Value chunk =
      arith::AddIOp::create(b, arith::DivUIOp::create(b, units, claims), arith::ConstantIndexOp::create(b, 1));
  Type i64 = b.getI64Type();
  auto integer = [&](Value index) -> Value { return arith::IndexCastOp::create(b, i64, index); };
  auto type = LLVM::LLVMFunctionType::get(i64, {team.team.getType(), i64, i64, i64, i64});
  Value fixed[] = {integer(team.thread), integer(units), integer(chunk)};
  Value none = arith::ConstantIntOp::create(b, i64, 0);
  scf::WhileOp::create(
      b, TypeRange{b.getIndexType()}, ValueRange{none},
      [&](OpBuilder &, Location, ValueRange done) {
        Value claimed =
            LLVM::CallOp::create(b, type, {team.next, team.team, fixed[0], fixed[1], fixed[2], done.front()})
                .getResult();
        Value more = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, claimed, none);
        Value first = arith::IndexCastOp::create(b, b.getIndexType(), claimed);
        scf::ConditionOp::create(b, more, first);
      },
      [&](OpBuilder &, Location, ValueRange arguments) {
        Value first = arguments.front();
        Value last = arith::MinUIOp::create(b, arith::AddIOp::create(b, first, chunk), units);
        work(first, last);
        scf::YieldOp::create(b, integer(arith::SubIOp::create(b, last, first)));
      });
}

MemRefType flatMemory(Type element) { return MemRefType::get({int64_t(1) << 40}, element); }

} // namespace ph::conversion
