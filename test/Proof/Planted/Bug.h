// Wrong rewrites, compiled only into the program that shows that --verify-values catches each.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Pass/Pass.h"
#include "powerhouse/Interfaces/ValueChange.h"

namespace ph::planted {

/// A mistake that a pass could make.
struct Bug {
  llvm::StringRef name; ///< the pass's flag is planted-<name>
  /// Makes it.
  void (*plant)(mlir::ModuleOp module);
  /// What the pass says that it changes on purpose.
  ValueChange::Kind declared = ValueChange::Nothing;
};

llvm::ArrayRef<Bug> attentionBugs();
llvm::ArrayRef<Bug> declaredBugs();
llvm::ArrayRef<Bug> denseBugs();
llvm::ArrayRef<Bug> expertBugs();
llvm::ArrayRef<Bug> layerBugs();
llvm::ArrayRef<Bug> primitiveBugs();

/// Thrown where a module (a reduced one, say) does not have what a bug is about: then there is nothing to make wrong.
struct Absent {};

/// The first op of its kind for which `suits` is true; throws Absent.
template <class Op> Op find(mlir::ModuleOp module, llvm::function_ref<bool(Op)> suits = [](Op) { return true; }) {
  Op found;
  module.walk([&](Op op) {
    if (found || !suits(op))
      return mlir::WalkResult::advance();
    found = op;
    return mlir::WalkResult::interrupt();
  });
  if (!found)
    throw Absent();
  return found;
}

/// The op that makes the value; throws Absent.
template <class Op> Op maker(mlir::Value value) {
  auto op = value ? value.getDefiningOp<Op>() : Op();
  if (!op)
    throw Absent();
  return op;
}

/// Sets an attribute to what the text says.
inline void set(mlir::Operation *op, llvm::StringRef name, llvm::StringRef text) {
  op->setAttr(name, mlir::parseAttribute(text, op->getContext()));
}

/// Everything that used the result uses the value.
inline void replace(mlir::Operation *op, mlir::Value value) {
  op->getResult(0).replaceAllUsesWith(value);
  op->erase();
}

/// Two operands, of the same type, take each other's place.
inline void swapOperands(mlir::Operation *op, unsigned a, unsigned b) {
  mlir::Value first = op->getOperand(a);
  op->setOperand(a, op->getOperand(b));
  op->setOperand(b, first);
}

} // namespace ph::planted
