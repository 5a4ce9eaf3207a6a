// Wrong derivatives, compiled only into the program that shows that --check-derivatives catches each.
#pragma once
#include "dialects/Training/Training.h"
#include "lib/Autodiff/Rules/Rules.h"
#include "powerhouse/Autodiff/CheckDerivatives.h"

namespace ph::planted {

/// A mistake in a rule, or in what is made of loops.
struct Bug {
  llvm::StringRef name;
  llvm::StringRef function; ///< of the module, which shows it
  /// Gives an op a wrong rule, before the right ones are registered, which then come too late.
  void (*attach)(mlir::MLIRContext *context) = nullptr;
  /// Or changes a derivative function; false where there is nothing to change.
  bool (*spoil)(mlir::func::FuncOp function) = nullptr;
};

llvm::ArrayRef<Bug> ruleBugs();
llvm::ArrayRef<Bug> loopBugs();

} // namespace ph::planted
