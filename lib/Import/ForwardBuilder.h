// The "forward" lines of a description, as func @forward.
#pragma once
#include "Resolve.h"
#include "dialects/Transformer/Transformer.h"
#include "mlir/IR/Builders.h"

namespace ph {

class ForwardBuilder {
public:
  using Weights = std::map<std::string, xf::WeightOp>;

  ForwardBuilder(mlir::OpBuilder &builder, const ResolvedModel &model, Weights weights)
      : builder(builder), model(model), family(*model.architecture), weights(std::move(weights)) {}

  /// Adds the function at the builder's insertion point. Errors name the line.
  Status build(bool halfCache);

private:
  using MaybeValue = Expected<mlir::Value>;

  Status buildBody(const std::vector<Statement> &body);
  Status buildRepeat(const Statement &statement);

  MaybeValue value(const Expression &expression);
  MaybeValue call(const Expression &expression);
  MaybeValue embedding(const Expression &call);
  MaybeValue rmsNorm(const Expression &call);
  MaybeValue linear(const Expression &call);
  MaybeValue rope(const Expression &call);
  MaybeValue attention(const Expression &call);
  MaybeValue gatedActivation(const Expression &call);
  MaybeValue selectRows(const Expression &call);
  MaybeValue logits(const Expression &call);

  /// The tensor arguments of a call, which must be of the given number, and of rank `rank` or more.
  Expected<llvm::SmallVector<mlir::Value>> activations(const Expression &call, size_t count);
  /// A weight by name; null if it is an optional one that the checkpoint lacks. `rank` is of one layer.
  MaybeValue weight(const Expression &name, int64_t rank);

  // Named arguments, evaluated without tensors.
  Expected<double> number(const Expression &call, std::string_view name, std::optional<double> fallback);
  Expected<int64_t> integer(const Expression &call, std::string_view name);
  Expected<std::string> string(const Expression &call, std::string_view name, std::string_view fallback);
  /// What a scaling of rotary positions needs besides its factor. A number of 0 is not given.
  Expected<llvm::SmallVector<mlir::NamedAttribute>> scalingOptions(const Expression &call, xf::RopeScaling scaling);
  Expected<mlir::FloatAttr> optionalNumber(const Expression &call, std::string_view name);
  Expected<Scalar> scalar(const Expression &expression);

  Error fail(const std::string &message) const { return family.errorAt(line, message); }
  mlir::Location here() const;

  mlir::OpBuilder &builder;
  const ResolvedModel &model;
  const Architecture &family;
  Weights weights;

  int line = 1;                              ///< of the statement in work
  std::map<std::string, mlir::Value> names;  ///< in scope
  std::map<std::string, mlir::Value> loaded; ///< weights already loaded in this block
  mlir::Value past, positions, cache;
  mlir::Value layer;                        ///< in a repeat: its iteration, from 0
  mlir::Value cacheLayer;                   ///< in a repeat: the model's layer
  int64_t layersBefore = 0, layersHere = 0; ///< of the repeats before, and of this one
  bool attended = false;                    ///< this repeat's body has its attention
};

} // namespace ph
