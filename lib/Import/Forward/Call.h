// One call of an operation in a line: its arguments, typed and checked. The first thing that is wrong is kept, later
// requests then give null or 0, and an operation makes nothing once failed() is true.
#pragma once
#include "FunctionBuilder.h"

namespace ph {

struct Builtin;

class Call {
public:
  using Value = mlir::Value;
  using Result = Expected<llvm::SmallVector<Value>>;

  Call(FunctionBuilder &function, const Expression &expression, const Builtin &builtin);

  /// Checks the names and numbers of arguments, and makes the operation.
  Result build();

  bool failed() const { return failure.has_value(); }
  void fail(const std::string &message);
  Error error() const { return *failure; }

  mlir::OpBuilder &b;
  mlir::Location at;

  size_t positional() const { return unnamed; }
  /// A tensor: a value or a weight.
  Value value(size_t index);
  Value activation(size_t index);
  /// A weight that is always there, of that many dimensions for a layer (0: any).
  Value weight(size_t index, int64_t rank);
  /// A matrix for each head: a weight of three dimensions, or what cut_heads gave.
  Value matrices(size_t index);
  /// A weight, null if the argument is not given or the weight is absent.
  Value weightOrNone(size_t index, int64_t rank);
  Value weightNamed(std::string_view name, int64_t rank);
  /// A value by the argument's name; null if it is not given or none.
  Value valueNamed(std::string_view name);
  bool isGiven(std::string_view name) const { return expression.named(name); }

  double number(std::string_view name, std::optional<double> fallback = std::nullopt);
  int64_t integer(std::string_view name, std::optional<int64_t> fallback = std::nullopt);
  int64_t integerAt(size_t index);
  std::string text(std::string_view name, std::string_view fallback);
  bool flag(std::string_view name, bool fallback = false);
  /// An integer or number that counts as not given where it is 0.
  std::optional<int64_t> integerUnlessZero(std::string_view name);
  mlir::FloatAttr numberUnless(std::string_view name, double without);
  /// An activation's kind, in xf's or transformers' name.
  xf::Activation activationKind(std::string_view name);
  /// A rotary embedding.
  xf::RopeAttr rope(size_t index);

  /// How many positions the model has at most.
  int64_t contextLength() const { return function.model.integer("context_length").value_or(INT64_MAX); }

  // What the function has.
  Value positions() const;
  Value past() const { return function.past; }
  bool hasCache() const { return bool(function.cache); }
  /// Appends keys and values to this layer of the cache and gives its number; null with an error where it can't be.
  Value appendToCache(Value keys, Value values);
  Value cache() const { return function.cache; }

private:
  friend struct Builtin;
  Value checkWeight(const Expression *argument, int64_t rank, bool needed);
  std::optional<Scalar> scalar(const Expression *argument, std::string_view name, bool needed);

  FunctionBuilder &function;
  const Expression &expression;
  const Builtin &builtin;
  size_t unnamed = 0;
  std::optional<Error> failure;
};

/// xf's kind of an activation by its name there or in transformers.
std::optional<xf::Activation> activationByName(std::string_view name);

} // namespace ph
