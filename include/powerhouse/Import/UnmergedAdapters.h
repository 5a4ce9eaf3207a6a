// A model beside which low-rank adapters stay as they are: weights that are added to its products.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "powerhouse/Import/LoraAdapter.h"
#include "powerhouse/Import/OverlaidSource.h"
#include <deque>
#include <map>
#include <set>

namespace ph {

/// An adapter that is one of several, or has no name and is always in use.
struct NamedAdapter {
  std::string name;
  std::shared_ptr<const LoraAdapter> adapter;
};

/// A model whose products get adapters (train-add-adapters), with what their weights read: the tensors of the adapter
/// that is chosen, by PEFT's names. Adapters of lower rank than others are filled up with zeros, and so is what one
/// leaves out that another changes.
class UnmergedAdapters final : public OverlaidSource {
public:
  /// Errors: BadModel for an adapter that does more than add to products (modules_to_save, biases, tables).
  static Expected<std::unique_ptr<UnmergedAdapters>> create(std::unique_ptr<SourceModel> model,
                                                            std::vector<NamedAdapter> adapters);

  /// What train-add-adapters must be told: the largest rank, what the product of both matrices is multiplied with
  /// (where that differs, the largest; then lora_B has what is less, rounded once), and an expression for the modules.
  int64_t rank() const { return largestRank; }
  double scale() const { return scaled ? 1 : *scales.rbegin(); }
  std::string modules() const;

  /// Lets lora_B have all of the scale, rounded once: products need no op for it, so that each has a kernel.
  void scaleMatrices() { scaled = true; }

  /// Makes the tensors that the adapters' weights in `module` read. Errors: BadModel for a part of an adapter that no
  /// weight of the module reads, or of another shape.
  Status provide(mlir::ModuleOp module);
  /// Which adapter the tensors are of; -1: of none, zeros.
  void choose(int64_t adapter) { chosen = adapter; }

  const std::vector<NamedAdapter> &list() const { return adapters; }
  const SourceTensor *findTensor(std::string_view name) const override;
  void release(std::span<const uint8_t> bytes) const override;

private:
  using Tensors = std::map<std::string, SourceTensor, std::less<>>;

  UnmergedAdapters(std::unique_ptr<SourceModel> model, std::vector<NamedAdapter> adapters)
      : OverlaidSource(std::move(model)), adapters(std::move(adapters)), tensorsOf(this->adapters.size()) {}
  Status check();
  Status fill(size_t adapter, const std::string &name, std::span<const int64_t> shape);
  void add(Tensors &to, const std::string &name, std::span<const int64_t> shape, std::vector<float> values);
  Error bad(const LoraAdapter &adapter, const std::string &tensor, const std::string &what) const;

  std::vector<NamedAdapter> adapters;
  std::vector<Tensors> tensorsOf; ///< of each adapter
  Tensors zeros;
  std::deque<std::vector<float>> values;
  std::set<std::string> expressions;
  std::set<std::pair<size_t, std::string>> read; ///< tensors of adapters that weights have read
  std::set<double> scales;
  int64_t largestRank = 0, chosen = -1;
  bool scaled = false;
};

/// Whether a weight of that name is one of an adapter.
bool isAdapterTensor(std::string_view name);

} // namespace ph
