#include "powerhouse/Import/UnmergedAdapters.h"
#include "dialects/Transformer/Transformer.h"
#include "runtime/base/Quote.h"
#include <algorithm>
#include <cctype>

namespace ph {

static constexpr std::string_view kPrefix = "base_model.model.", kDown = ".lora_A.weight", kUp = ".lora_B.weight";

bool isAdapterTensor(std::string_view name) {
  return name.starts_with(kPrefix) && (name.ends_with(kDown) || name.ends_with(kUp));
}

/// An expression that matches the name whatever numbers stand between its dots.
static std::string expressionOf(std::string_view module) {
  std::string text;
  for (size_t at = 0; at <= module.size();) {
    const size_t end = std::min(module.find('.', at), module.size());
    const std::string_view part = module.substr(at, end - at);
    text += at ? "\\." : "";
    auto isDigit = [](unsigned char c) { return std::isdigit(c) != 0; };
    if (!part.empty() && std::all_of(part.begin(), part.end(), isDigit))
      text += "[0-9]+";
    else
      for (const unsigned char c : part)
        text += (std::isalnum(c) || c == '_' ? "" : "\\") + std::string(1, char(c));
    at = end + 1;
  }
  return text;
}

Expected<std::unique_ptr<UnmergedAdapters>> UnmergedAdapters::create(std::unique_ptr<SourceModel> model,
                                                                     std::vector<NamedAdapter> adapters) {
  std::unique_ptr<UnmergedAdapters> made(new UnmergedAdapters(std::move(model), std::move(adapters)));
  if (Status error = made->check())
    return error.error();
  return made;
}

Error UnmergedAdapters::bad(const LoraAdapter &adapter, const std::string &tensor, const std::string &what) const {
  return {ErrorCode::BadModel, adapter.path() + ": tensor " + quoteText(tensor) + " " + what};
}

Status UnmergedAdapters::check() {
  for (const NamedAdapter &each : adapters) {
    if (!each.adapter->replaced().empty())
      return bad(*each.adapter, each.adapter->replaced()[0].second->name,
                 "takes the place of one of the model, which only a merged adapter does");
    for (const LoraTarget &target : each.adapter->targets()) {
      if (target.transposed)
        return bad(*each.adapter, target.down->name,
                   "is of a table, or of a matrix that is stored turned, which only a merged adapter changes");
      largestRank = std::max(largestRank, target.rank);
      scales.insert(target.scale);
      expressions.insert(expressionOf(target.module));
    }
  }
  // Of one that is always in use nothing else can be chosen.
  chosen = adapters.size() == 1 && adapters[0].name.empty() ? 0 : -1;
  return {};
}

std::string UnmergedAdapters::modules() const {
  std::string all;
  for (const std::string &expression : expressions)
    all += (all.empty() ? "" : "|") + expression;
  return "^(" + all + ")$";
}

const SourceTensor *UnmergedAdapters::findTensor(std::string_view name) const {
  if (!isAdapterTensor(name))
    return OverlaidSource::findTensor(name);
  const Tensors &from = chosen < 0 ? zeros : tensorsOf[size_t(chosen)];
  auto it = from.find(name);
  return it == from.end() ? nullptr : &it->second;
}

void UnmergedAdapters::release(std::span<const uint8_t> bytes) const {
  auto holds = [&](const std::vector<float> &each) {
    auto *begin = reinterpret_cast<const uint8_t *>(each.data());
    return bytes.data() >= begin && bytes.data() < begin + each.size() * sizeof(float);
  };
  if (std::none_of(values.begin(), values.end(), holds))
    model->release(bytes);
}

Status UnmergedAdapters::provide(mlir::ModuleOp module) {
  for (auto weight : module.getOps<xf::WeightOp>()) {
    if (!weight.getSources() || weight.getSources()->size() != 1)
      continue;
    auto source = llvm::cast<xf::SourceAttr>((*weight.getSources())[0]);
    if (!isAdapterTensor(source.getTensor()))
      continue;
    llvm::ArrayRef<int64_t> shape = weight.getLoadedType().getShape();
    for (int64_t layer = 0; layer < weight.getLayers(); ++layer) {
      const std::string name = source.getTensorOfLayer(layer);
      add(zeros, name, shape, std::vector<float>(size_t(shape[0] * shape[1])));
      for (size_t i = 0; i < adapters.size(); ++i)
        if (Status error = fill(i, name, shape))
          return error;
    }
  }
  for (size_t i = 0; i < adapters.size(); ++i)
    for (const LoraTarget &target : adapters[i].adapter->targets())
      if (!read.count({i, target.down->name}) || !read.count({i, target.up->name}))
        return bad(*adapters[i].adapter, target.down->name,
                   "is for the module " + quoteText(target.module) + ", which " + path() +
                       " has no product of its own of; an adapter of such modules can only be merged, into a folder "
                       "with float weights");
  return {};
}

Status UnmergedAdapters::fill(size_t index, const std::string &name, std::span<const int64_t> shape) {
  const LoraAdapter &adapter = *adapters[index].adapter;
  const bool isUp = name.ends_with(kUp);
  const size_t suffix = (isUp ? kUp : kDown).size();
  const std::string module = name.substr(kPrefix.size(), name.size() - kPrefix.size() - suffix);
  auto target = std::find_if(adapter.targets().begin(), adapter.targets().end(),
                             [&](const LoraTarget &each) { return each.module == module; });
  std::vector<float> padded(size_t(shape[0] * shape[1]));
  if (target != adapter.targets().end()) {
    const SafetensorsTensor &stored = isUp ? *target->up : *target->down;
    const int64_t rows = stored.shape[0], columns = stored.shape[1];
    if (isUp ? rows != shape[0] : columns != shape[1])
      return bad(adapter, stored.name,
                 "has the shape " + shapeString(stored.shape) + ", which does not fit the " +
                     std::to_string(isUp ? shape[0] : shape[1]) + (isUp ? " rows" : " columns") +
                     " of that matrix in " + path());
    const std::vector<float> floats = stored.toFloats();
    const float factor = isUp ? float(target->scale / scale()) : 1.0f;
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t column = 0; column < columns; ++column)
        padded[size_t(row * shape[1] + column)] = floats[size_t(row * columns + column)] * factor;
    read.emplace(index, stored.name);
  }
  add(tensorsOf[index], name, shape, std::move(padded));
  return {};
}

void UnmergedAdapters::add(Tensors &to, const std::string &name, std::span<const int64_t> shape,
                           std::vector<float> floats) {
  values.push_back(std::move(floats));
  const std::vector<float> &kept = values.back();
  to[name] = {name,
              {shape.begin(), shape.end()},
              findFormatByName("f32"),
              {reinterpret_cast<const uint8_t *>(kept.data()), kept.size() * sizeof(float)}};
}

} // namespace ph
