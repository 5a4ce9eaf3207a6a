// What xf-extend-context does to one rope, for it and for the audit.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "mlir/IR/BuiltinOps.h"

namespace ph {

/// What was asked for; 0 and empty where it was not.
struct ExtensionSettings {
  std::string method;
  double factor = 0;
  int64_t original = 0;
  llvm::SmallVector<std::pair<llvm::StringRef, double>> numbers; ///< further options of #xf.rope
  bool truncate = true;
  std::vector<double> shortFactor, longFactor;
};

/// A pass with the options of an extension, of which `Base` has the members.
template <class Base> struct HasExtensionSettings : Base {
  using Base::Base;

protected:
  ExtensionSettings getSettings() const {
    return {this->method,
            this->factor,
            this->original,
            {{"beta_fast", this->betaFast},
             {"beta_slow", this->betaSlow},
             {"mscale", this->mscale},
             {"mscale_all_dim", this->mscaleAllDim},
             {"attention_factor", this->attentionFactor},
             {"low_freq_factor", this->lowFreqFactor},
             {"high_freq_factor", this->highFreqFactor}},
            this->truncate,
            {this->shortFactor.begin(), this->shortFactor.end()},
            {this->longFactor.begin(), this->longFactor.end()}};
  }
};

/// The context_length of the module's xf.model; 0 if it has none.
int64_t getContextLength(mlir::ModuleOp module);

/// Each op of the module that rotates, with its rope.
llvm::SmallVector<std::pair<mlir::Operation *, xf::RopeAttr>> findRopes(mlir::ModuleOp module);

/// Settings that fit a module.
class ContextExtension {
public:
  /// Fails, with a message that names `pass`, where settings contradict each other or the module.
  static mlir::FailureOr<ContextExtension> make(mlir::ModuleOp module, const ExtensionSettings &settings,
                                                llvm::StringRef pass);

  /// `rope` with the scaling. Fails, with a message at `op`, where the options of the method don't fit it.
  mlir::FailureOr<xf::RopeAttr> extend(mlir::Operation *op, xf::RopeAttr rope) const;

  int64_t getOriginal() const { return settings.original; }
  /// original · factor, rounded down.
  int64_t getExtended() const;

private:
  ExtensionSettings settings;
  xf::RopeScaling scaling = xf::RopeScaling::None;
};

} // namespace ph
