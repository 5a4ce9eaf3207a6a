// The lines of a function of a description, as a func.func of xf.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "lib/Import/Description/Resolve.h"
#include "mlir/IR/Builders.h"

namespace ph {

/// What the functions of a module share.
struct ModuleState {
  const ResolvedModel &model;
  const Architecture &family;
  std::map<std::string, xf::WeightOp, std::less<>> weights;
  std::map<std::string, std::vector<mlir::Value>, std::less<>> loads; ///< of each weight
  std::map<std::string, std::set<int64_t>, std::less<>> usedLayers;   ///< of each weight
  std::map<std::string, mlir::func::FuncOp, std::less<>> functions;   ///< built before
  bool halfCache = false;
};

class FunctionBuilder {
public:
  FunctionBuilder(mlir::OpBuilder &builder, ModuleState &state, const FunctionEntry &entry)
      : builder(builder), state(state), model(state.model), family(state.family), entry(entry) {}

  /// Adds the function at the builder's insertion point. Errors name the line.
  Status build();

private:
  friend class Call;
  friend class LayerTracer;
  using Values = llvm::SmallVector<mlir::Value>;
  using MaybeValue = Expected<mlir::Value>;

  /// The layers that are being built: number first + stride · i in iteration i.
  struct Layers {
    int64_t first = 0, stride = 1, count = 1;
    mlir::Value iteration; ///< null where there is one
  };

  // FunctionBuilder.cpp
  Expected<mlir::Type> argumentType(const ArgumentEntry &argument);
  Status declare(mlir::func::FuncOp &function);
  Status finish(mlir::func::FuncOp function);
  Status buildLines(const std::vector<Statement> &lines);
  Status assign(const Statement &statement);
  Status bind(const std::string &target, mlir::Value value);

  // Layers.cpp
  Status buildRepeat(const Statement &statement);
  Status buildRun(const Statement &statement, int64_t first, int64_t period, int64_t count);
  Status buildLayer(const Statement &statement, Layers which);
  /// Numbers of a stack or the cache: `start` in the first iteration, and `step` more in each.
  mlir::Value indexValue(int64_t start, int64_t step);

  // Values.cpp
  Expected<Values> values(const Expression &expression);
  MaybeValue value(const Expression &expression);
  MaybeValue operation(const Expression &expression);
  MaybeValue scaled(mlir::Value input, const Expression &factor, bool inverse);
  Expected<Values> callFunction(mlir::func::FuncOp function, const Expression &call);
  /// A weight by name, in the layers being built; null if it is absent. Plain ones have no storage format.
  MaybeValue weight(const Expression &name, bool plain);
  void makePlain(xf::WeightOp weight);

  // Scalars
  bool isScalar(const Expression &expression) const;
  std::optional<Scalar> lookup(const std::string &name) const;
  Expected<Scalar> scalar(const Expression &expression) const;
  Expected<bool> truth(const Expression &condition) const;
  /// given(name): whether a weight is there, or a name has a value.
  std::optional<Expected<Scalar>> givenCall(const Expression &call) const;

  Error fail(const std::string &message) const { return family.errorAt(line, message); }
  mlir::Location here() const;

  mlir::OpBuilder &builder;
  ModuleState &state;
  const ResolvedModel &model;
  const Architecture &family;
  const FunctionEntry &entry;

  int line = 1;                                           ///< of the statement in work
  std::map<std::string, mlir::Value, std::less<>> names;  ///< in scope; null: none
  std::map<std::string, Scalar, std::less<>> scalars;     ///< in scope
  std::map<std::string, mlir::Value, std::less<>> loaded; ///< weights already loaded in this block, by layer
  std::map<std::pair<int64_t, int64_t>, mlir::Value> indices;
  mlir::Value past, positions, cache;
  std::optional<Layers> layers;   ///< inside a repeat
  std::set<std::string> carried;  ///< names that go from layer to layer
  int64_t layersBefore = 0;       ///< of the repeats before
  std::set<int64_t> cachedLayers; ///< those that attend over the cache
  bool attended = false;          ///< this layer has attended over the cache
};

/// The type of an activation, but with other features.
mlir::RankedTensorType withFeatures(mlir::Value like, int64_t features);
llvm::ArrayRef<int64_t> shapeOf(mlir::Value tensor);
inline int64_t featuresOf(mlir::Value tensor) { return shapeOf(tensor).back(); }

} // namespace ph
