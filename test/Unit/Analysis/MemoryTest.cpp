// Plans of memory against a machine that does what they say: every byte knows which value was written there last.
#include "powerhouse/Analysis/Memory.h"
#include "dialects/Transformer/Transformer.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>

using namespace ph;
using namespace mlir;

namespace {

/// Runs the ops of a function, twice through each loop, on memory in units of 64 bytes.
class Machine {
public:
  Machine(const analysis::Lifetimes &lifetimes, const analysis::MemoryPlan &plan)
      : lifetimes(lifetimes), plan(plan), memory(plan.arenaBytes / 64, 0) {}

  void run(Block &block) {
    for (Operation &op : block) {
      for (Value operand : op.getOperands())
        read(operand);
      useNested(op);
      if (auto repeat = dyn_cast<xf::RepeatOp>(op)) {
        loop(op, repeat.getInits(), repeat.getBlock()->getArguments().drop_front());
      } else if (auto loopOp = dyn_cast<scf::ForOp>(op)) {
        loop(op, loopOp.getInitArgs(), loopOp.getRegionIterArgs());
      } else if (isa<scf::IfOp>(op)) {
        for (Region &side : op.getRegions()) {
          run(side.front());
          move(side.front().getTerminator()->getOperands(), op.getResults());
        }
      } else if (isa<xf::SplitOp>(op)) {
        for (Value part : op.getResults())
          contents[part] = contents[op.getOperand(0)];
      } else {
        for (Value result : op.getResults())
          write(result, ++last);
      }
    }
  }

  int64_t reads = 0, nested = 0;

private:
  void loop(Operation &op, ValueRange inits, ValueRange carried) {
    Block &body = op.getRegion(0).front();
    move(inits, carried);
    for (int iteration = 0; iteration < 2; ++iteration) {
      run(body);
      move(body.getTerminator()->getOperands(), carried);
    }
    for (auto [argument, result] : llvm::zip_equal(carried, op.getResults()))
      contents[result] = contents[argument];
  }

  /// What is called, or threads, may write everywhere in their memory.
  void useNested(Operation &op) {
    for (auto [index, buffer] : llvm::enumerate(lifetimes.buffers()))
      if (buffer.owner == &op) {
        ++nested;
        std::fill(memory.begin() + begin(index), memory.begin() + end(index), ++last);
      }
  }

  /// All sources are read before a target is written, where the plan has a copy of them; what is in its target's buffer
  /// already stays.
  void move(ValueRange sources, ValueRange targets) {
    std::vector<int> values;
    for (auto [source, target] : llvm::zip_equal(sources, targets)) {
      read(source);
      values.push_back(contents.lookup(source));
    }
    for (auto [value, source, target] : llvm::zip_equal(values, sources, targets))
      if (lifetimes.bufferOf(source) != lifetimes.bufferOf(target) || !lifetimes.bufferOf(target))
        write(target, value ? value : ++last);
      else
        contents[target] = value;
  }

  void read(Value value) {
    std::optional<unsigned> buffer = lifetimes.bufferOf(value);
    if (!buffer)
      return;
    ++reads;
    for (int64_t at = begin(*buffer); at < end(*buffer); ++at)
      ASSERT_EQ(memory[at], contents.lookup(value)) << "buffer " << *buffer << " was overwritten";
  }

  void write(Value value, int content) {
    std::optional<unsigned> buffer = lifetimes.bufferOf(value);
    if (!buffer)
      return;
    contents[value] = content;
    for (int64_t at = begin(*buffer); at < end(*buffer); ++at)
      memory[at] = content;
  }

  int64_t begin(unsigned buffer) const { return plan.buffers[buffer].offset / 64; }
  int64_t end(unsigned buffer) const { return begin(buffer) + plan.buffers[buffer].bytes / 64; }

  const analysis::Lifetimes &lifetimes;
  const analysis::MemoryPlan &plan;
  std::vector<int> memory;
  DenseMap<Value, int> contents;
  int last = 0;
};

class MemoryTest : public testing::Test {
protected:
  MemoryTest() {
    context.loadDialect<xf::XFDialect, func::FuncDialect, arith::ArithDialect, linalg::LinalgDialect, scf::SCFDialect,
                        tensor::TensorDialect>();
  }

  /// Plans @f and runs the machine; gives the plan.
  analysis::MemoryPlan check(StringRef body, analysis::MemoryPoint at = {2, 3, 5, 6}) {
    std::string text = "xf.weight @w : tensor<4x64x64xf32> stacked\n"
                       "func.func @twice(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {\n"
                       "%a = xf.add %x, %x SUM\n%b = xf.add %a, %x SUM\nreturn %b : tensor<?x?x64xf32>\n}\n"
                       "func.func @f(%x: tensor<?x?x64xf32>, %y: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {\n" +
                       body.str() + "}";
    // Two-operand sums are what most lines are.
    for (size_t found; (found = text.find(" SUM")) != std::string::npos;)
      text.replace(found, 4, " : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>");
    module = parseSourceString<ModuleOp>(text, &context);
    if (!module) {
      ADD_FAILURE() << text;
      return {};
    }
    auto function = module->lookupSymbol<func::FuncOp>("f");
    auto lifetimes = analysis::Lifetimes::compute(function);
    if (failed(lifetimes)) {
      ADD_FAILURE() << text;
      return {};
    }
    analysis::MemoryPlan plan = analysis::planMemory(*lifetimes, at);
    Machine machine(*lifetimes, plan);
    machine.run(function.getBody().front());
    EXPECT_GT(machine.reads, 0);
    nested = machine.nested;
    EXPECT_LE(plan.peakBytes, plan.arenaBytes);
    return plan;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  int64_t nested = 0; ///< how often the machine has seen memory that is something else's
};

constexpr int64_t kEach = 6 * 64 * 4; // bytes of one activation

TEST_F(MemoryTest, AStraightLineTakesThree) {
  EXPECT_EQ(check("%a = xf.add %x, %y SUM\n%b = xf.add %a, %x SUM\n%c = xf.add %b, %a SUM\n%d = xf.add %c, %b SUM\n"
                  "return %d : tensor<?x?x64xf32>\n")
                .arenaBytes,
            3 * kEach);
}

TEST_F(MemoryTest, PartsOfASplitKeepTheWhole) {
  auto plan = check("%a = xf.add %x, %y SUM\n"
                    "%p:2 = xf.split %a : (tensor<?x?x64xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>)\n"
                    "%b = xf.add %x, %y SUM\n"
                    "%q = xf.add %p#0, %p#1 : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>\n"
                    "return %b : tensor<?x?x64xf32>\n");
  EXPECT_EQ(plan.peakBytes, 2 * kEach + kEach / 2);
}

TEST_F(MemoryTest, ALoopKeepsWhatItReadsAndCarries) {
  // %k is read in every iteration, though not behind %t; the second value is not what the first becomes.
  auto plan = check("%k = xf.add %x, %y SUM\n%e = xf.add %x, %x SUM\n"
                    "%r:2 = xf.repeat %layer = 4 iter(%g = %e, %h = %k) : tensor<?x?x64xf32>, tensor<?x?x64xf32> {\n"
                    "  %s = xf.add %g, %k SUM\n  %t = xf.add %s, %h SUM\n  %u = xf.add %t, %t SUM\n"
                    "  xf.yield %u, %t : tensor<?x?x64xf32>, tensor<?x?x64xf32>\n}\n"
                    "%z = xf.add %r#0, %r#1 SUM\nreturn %z : tensor<?x?x64xf32>\n");
  EXPECT_EQ(plan.peakBytes, 5 * kEach); // %k, both that are carried, %t and %s or %u
}

TEST_F(MemoryTest, CarriedValuesChangePlaces) {
  auto plan = check("%a = xf.add %x, %y SUM\n%b = xf.add %x, %x SUM\n"
                    "%r:2 = xf.repeat %layer = 4 iter(%g = %a, %h = %b) : tensor<?x?x64xf32>, tensor<?x?x64xf32> {\n"
                    "  xf.yield %h, %g : tensor<?x?x64xf32>, tensor<?x?x64xf32>\n}\n"
                    "%z = xf.add %r#0, %r#1 SUM\nreturn %z : tensor<?x?x64xf32>\n");
  EXPECT_EQ(plan.peakBytes, 4 * kEach); // and a copy of each
}

TEST_F(MemoryTest, LoopsInLoops) {
  auto plan = check("%a = xf.add %x, %y SUM\n"
                    "%r = xf.repeat %i = 2 iter(%g = %a) : tensor<?x?x64xf32> {\n"
                    "  %b = xf.add %g, %x SUM\n"
                    "  %q = xf.repeat %j = 3 iter(%h = %b) : tensor<?x?x64xf32> {\n"
                    "    %c = xf.add %h, %g SUM\n    xf.yield %c : tensor<?x?x64xf32>\n  }\n"
                    "  xf.yield %q : tensor<?x?x64xf32>\n}\n"
                    "return %r : tensor<?x?x64xf32>\n");
  EXPECT_EQ(plan.peakBytes, 3 * kEach);
}

TEST_F(MemoryTest, ResultsInPlaceTakeNothing) {
  auto plan = check("%a = xf.add %x, %y SUM\n%b = xf.add %a, %x {xf.in_place = 0 : i64} SUM\n"
                    "%r = xf.repeat %i = 2 iter(%g = %b) : tensor<?x?x64xf32> {\n"
                    "  %c = xf.add %x, %g {xf.in_place = 1 : i64} SUM\n"
                    "  %d = xf.add %c, %y {xf.in_place = 0 : i64} SUM\n"
                    "  xf.yield %d : tensor<?x?x64xf32>\n}\n"
                    "return %r : tensor<?x?x64xf32>\n");
  EXPECT_EQ(plan.arenaBytes, kEach);
}

TEST_F(MemoryTest, ACallHasMemoryOfItsOwnWhileItRuns) {
  auto plan = check("%a = xf.add %x, %y SUM\n"
                    "%b = call @twice(%a) : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>\n"
                    "%c = xf.add %b, %a SUM\nreturn %c : tensor<?x?x64xf32>\n");
  EXPECT_EQ(plan.peakBytes, 4 * kEach); // %a, two sums of @twice, and %b
  EXPECT_EQ(nested, 1);
}

TEST_F(MemoryTest, WhatIsWrittenIntoStaysWhereItIs) {
  // Rows are put into %t, of which a loop over them needs one, and what is put there is a row.
  const char *rows =
      "%zero = arith.constant 0 : index\n%one = arith.constant 1 : index\n"
      "%n = tensor.dim %x, %one : tensor<?x?x64xf32>\n%e = xf.add %x, %y SUM\n"
      "%r = scf.for %i = %zero to %n step %one iter_args(%t = %e) -> tensor<?x?x64xf32> {\n"
      "  %s = tensor.extract_slice %x[0, %i, 0] [1, 1, 64] [1, 1, 1] : tensor<?x?x64xf32> to tensor<1x64xf32>\n"
      "  %u = tensor.insert_slice %s into %t[0, %i, 0] [1, 1, 64] [1, 1, 1] "
      ": tensor<1x64xf32> into tensor<?x?x64xf32>\n";
  EXPECT_EQ(
      check(std::string(rows) + "  scf.yield %u : tensor<?x?x64xf32>\n}\nreturn %r : tensor<?x?x64xf32>\n").peakBytes,
      kEach + 64 * 4);
  // Where %t is read afterwards it isn't overwritten.
  EXPECT_EQ(check(std::string(rows) +
                  "  %v = xf.add %t, %u SUM\n  scf.yield %v : tensor<?x?x64xf32>\n}\nreturn %r : tensor<?x?x64xf32>\n")
                .peakBytes,
            3 * kEach);
}

TEST_F(MemoryTest, BothSidesGiveTheirResultsToOnePlace) {
  auto plan = check("%a = xf.add %x, %y SUM\n%yes = arith.constant true\n"
                    "%r = scf.if %yes -> tensor<?x?x64xf32> {\n"
                    "  %b = xf.add %a, %x SUM\n  scf.yield %b : tensor<?x?x64xf32>\n} else {\n"
                    "  %c = xf.add %a, %y SUM\n  %d = xf.add %c, %a SUM\n  scf.yield %d : tensor<?x?x64xf32>\n}\n"
                    "return %r : tensor<?x?x64xf32>\n");
  EXPECT_EQ(plan.peakBytes, 4 * kEach); // %a, %r, %c and %d
}

TEST_F(MemoryTest, ThreadsHaveTheirMemoryAtTheSameTime) {
  const char *text = "%e = tensor.empty() : tensor<4x64xf32>\n%v = arith.constant dense<1.0> : tensor<2x64xf32>\n"
                     "%k = xf.add %x, %y SUM\n"
                     "%r = scf.forall (%i) in (2) shared_outs(%o = %e) -> tensor<4x64xf32> {\n"
                     "  %a = xf.add %v, %v : (tensor<2x64xf32>, tensor<2x64xf32>) -> tensor<2x64xf32>\n"
                     "  %from = arith.addi %i, %i : index\n  scf.forall.in_parallel {\n"
                     "    tensor.parallel_insert_slice %a into %o[%from, 0] [2, 64] [1, 1] "
                     ": tensor<2x64xf32> into tensor<4x64xf32>\n  }\n}\n"
                     "return %k : tensor<?x?x64xf32>\n";
  analysis::MemoryPoint at{2, 3, 5, 6};
  at.threads = 3;
  EXPECT_EQ(check(text, at).peakBytes, kEach + 4 * 64 * 4 + 3 * 2 * 64 * 4);
  EXPECT_EQ(nested, 1);
}

TEST_F(MemoryTest, SizesFollowTheDimensions) {
  auto bytes = [&](ArrayRef<int64_t> shape, xf::FormatAttr format = {}) {
    auto type = RankedTensorType::get(shape, Float32Type::get(&context), format);
    return analysis::getStoredBytes(type, {2, 3, 5, 7});
  };
  constexpr int64_t any = ShapedType::kDynamic;
  EXPECT_EQ(bytes({any, any, 64}), 2 * 3 * 64 * 4);
  EXPECT_EQ(bytes({any, 64}), 7 * 64 * 4);
  EXPECT_EQ(bytes({any}), 7 * 4);
  EXPECT_EQ(bytes({any, 8, any, any}), 2 * 8 * 3 * 5 * 4);
  EXPECT_EQ(bytes({any, 3, 224, 224}), 2 * 3 * 224 * 224 * 4);
  EXPECT_EQ(bytes({4, 8}), 4 * 8 * 4);
  EXPECT_EQ(bytes({any, any, 64}, xf::FormatAttr::get(&context, "bf16")), 2 * 3 * 64 * 2);
  EXPECT_EQ(bytes({any, any, 64}, xf::FormatAttr::get(&context, "i8x32")), 2 * 3 * (64 + 2 * 4));
}

} // namespace
