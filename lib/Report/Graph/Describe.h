// How ops, types and numbers are said in few words.
#pragma once
#include "mlir/IR/Operation.h"
#include <string>
#include <vector>

namespace ph::report {

/// "?x?x64 f32", "96x64 q4_1": dimensions and how it is stored.
std::string describeType(mlir::Type type);
/// The attributes that say what the op does, with a comma between.
std::string describeAttributes(mlir::Operation *op);
/// The op as IR on one line, without its regions.
std::string describeOp(mlir::Operation *op, mlir::AsmState &state);
/// What fusion has put into an op beside its own work; empty for an op that does one thing.
std::vector<std::string> describeParts(mlir::Operation *op);
/// 1234567 as "1.23 M"; append the unit.
std::string describeNumber(double value);

} // namespace ph::report
