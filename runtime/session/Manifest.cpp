#include "runtime/session/Manifest.h"
#include "runtime/base/Json.h"
#include "runtime/formats/StepABI.h"

namespace ph {
namespace {

using nlohmann::json;

/// Collects the first error, so that reading is a list of fields.
class Reader {
public:
  explicit Reader(std::string where) : where(std::move(where)) {}
  bool failed() const { return !problem.empty(); }
  Error error() const { return {ErrorCode::BadModel, where + ": " + problem + "; compile the model again"}; }
  void fail(std::string text) {
    if (problem.empty())
      problem = std::move(text);
  }

  const json *object(const json &parent, const char *key) {
    const json *value = jsonMember(parent, key);
    if (!value || !value->is_object())
      fail(quoted(key) + " is missing or no object");
    return failed() ? nullptr : value;
  }
  const json *array(const json &parent, const char *key) {
    const json *value = jsonMember(parent, key);
    if (!value || !value->is_array())
      fail(quoted(key) + " is missing or no array");
    return failed() ? nullptr : value;
  }
  int64_t integer(const json &parent, const char *key, int64_t low, int64_t high) {
    auto value = jsonInteger(parent, key);
    if (!value || *value < low || *value > high)
      fail(quoted(key) + " is missing or not " + std::to_string(low) + " to " + std::to_string(high));
    return value.value_or(0);
  }
  double number(const json &parent, const char *key) {
    auto value = jsonNumber(parent, key);
    if (!value || *value < 0)
      fail(quoted(key) + " is missing or no positive number");
    return value.value_or(0);
  }
  std::string string(const json &parent, const char *key) {
    const std::string *value = jsonString(parent, key);
    if (!value)
      fail(quoted(key) + " is missing or no string");
    return value ? *value : std::string();
  }

private:
  static std::string quoted(const char *key) { return "'" + std::string(key) + "'"; }
  std::string where, problem;
};

constexpr int64_t kMostBytes = int64_t(1) << 50;

void readWeights(Reader &read, const json &list, uint64_t weightsBytes, std::vector<ManifestWeight> &weights) {
  for (const json &entry : list) {
    if (!entry.is_object())
      return read.fail("an entry of 'weights' is no object");
    ManifestWeight weight;
    weight.name = read.string(entry, "name");
    weight.format = read.string(entry, "format");
    weight.offset = uint64_t(read.integer(entry, "offset", 0, kMostBytes));
    weight.bytes = uint64_t(read.integer(entry, "bytes", 0, kMostBytes));
    if (const json *shape = read.array(entry, "shape"))
      for (const json &extent : *shape)
        if (extent.is_number_integer())
          weight.shape.push_back(extent.get<int64_t>());
    if (weight.offset > weightsBytes || weight.bytes > weightsBytes - weight.offset)
      read.fail("weight '" + weight.name + "' lies beyond the " + std::to_string(weightsBytes) + " bytes of weights");
    if (read.failed())
      return;
    weights.push_back(std::move(weight));
  }
}

/// What the weights part has after the weights.
void readAdapters(Reader &read, const json &root, uint64_t weightsBytes, Manifest &m) {
  m.sizes.weights = uint64_t(read.integer(root, "begin", 0, int64_t(weightsBytes)));
  uint64_t each = 0;
  const json *places = read.array(root, "places"), *list = read.array(root, "list");
  for (size_t i = 0; places && i < places->size(); ++i) {
    const json &entry = (*places)[i];
    if (!entry.is_object())
      return read.fail("a place of 'adapters' is no object");
    ManifestAdapters::Place place{uint64_t(read.integer(entry, "offset", 0, int64_t(m.sizes.weights))), 0};
    place.bytes = uint64_t(read.integer(entry, "bytes", 0, int64_t(m.sizes.weights - place.offset)));
    each += place.bytes;
    m.adapters.places.push_back(place);
  }
  for (size_t i = 0; list && i < list->size(); ++i) {
    const json &entry = (*list)[i];
    if (!entry.is_object())
      return read.fail("an entry of 'adapters' is no object");
    m.adapters.list.push_back(
        {read.string(entry, "name"), read.integer(entry, "rank", 1, 65536),
         uint64_t(read.integer(entry, "offset", int64_t(m.sizes.weights), int64_t(weightsBytes)))});
    if (!read.failed() && each > weightsBytes - m.adapters.list.back().offset)
      return read.fail("the adapter '" + m.adapters.list.back().name + "' lies beyond the " +
                       std::to_string(weightsBytes) + " bytes of weights");
  }
}

void readLevels(Reader &read, const json &list, std::vector<KernelLevel> &levels) {
  for (const json &entry : list) {
    if (!entry.is_object())
      return read.fail("an entry of 'levels' is no object");
    levels.push_back({read.string(entry, "name"), read.string(entry, "symbol")});
  }
}

void readTensors(Reader &read, const json &list, size_t inputs, std::vector<ProgramTensor> &tensors) {
  for (const json &entry : list) {
    if (!entry.is_object())
      return read.fail("a tensor of 'programs' is no object");
    ProgramTensor tensor;
    tensor.name = read.string(entry, "name");
    const auto element = parseTensorElement(read.string(entry, "element"));
    if (!element)
      read.fail("the tensor '" + tensor.name + "' has an 'element' that this runtime doesn't know");
    tensor.element = element.value_or(TensorElement::F32);
    if (const json *shape = read.array(entry, "shape"))
      for (const json &extent : *shape) {
        const bool good =
            extent.is_number_integer() && extent.get<int64_t>() >= -1 && extent.get<int64_t>() <= kMostBytes;
        if (!good)
          read.fail("the tensor '" + tensor.name + "' has a size that is no number");
        tensor.shape.push_back(good ? extent.get<int64_t>() : 0);
      }
    if (jsonMember(entry, "updates"))
      tensor.updates = int(read.integer(entry, "updates", 0, int64_t(inputs) - 1));
    if (read.failed())
      return;
    tensors.push_back(std::move(tensor));
  }
}

void readPrograms(Reader &read, const json &list, std::vector<ProgramInfo> &programs) {
  for (const json &entry : list) {
    if (!entry.is_object())
      return read.fail("an entry of 'programs' is no object");
    ProgramInfo program;
    program.name = read.string(entry, "name");
    program.symbol = read.string(entry, "symbol");
    program.plan = read.string(entry, "plan");
    if (const json *inputs = read.array(entry, "inputs"))
      readTensors(read, *inputs, 0, program.inputs);
    if (const json *results = read.array(entry, "results"))
      readTensors(read, *results, program.inputs.size(), program.results);
    if (read.failed())
      return;
    programs.push_back(std::move(program));
  }
}

void readTraining(Reader &read, const json &root, Manifest &m) {
  m.objective = read.string(root, "objective");
  const json *list = read.array(root, "weights");
  for (size_t i = 0; list && i < list->size(); ++i) {
    const json &entry = (*list)[i];
    if (!entry.is_object())
      return read.fail("a weight of 'training' is no object");
    TrainedWeight weight{read.string(entry, "name"), {}, read.integer(entry, "rank", 0, 8)};
    if (const json *tensors = read.array(entry, "tensors"))
      for (const json &tensor : *tensors)
        weight.tensors.push_back(tensor.is_string() ? tensor.get<std::string>() : "");
    if (read.failed())
      return;
    m.training.push_back(std::move(weight));
  }
}

} // namespace

Expected<Manifest> Manifest::parse(std::string_view text, const std::string &path, uint64_t weightsBytes) {
  const std::string where = path + ": manifest";
  auto root = parseJson(text, where);
  if (!root)
    return root.error();
  Reader read(where);
  if (!root->is_object()) {
    read.fail("it is no JSON object");
    return read.error();
  }
  // First, because another version may mean anything by the other keys.
  if (auto abi = jsonInteger(*root, "abi"); !abi || *abi != int64_t(kStepABIVersion)) {
    read.fail("its 'abi' is " + (abi ? std::to_string(*abi) : std::string("missing")) + ", this runtime speaks " +
              std::to_string(kStepABIVersion));
    return read.error();
  }

  Manifest m;
  m.name = read.string(*root, "name");
  m.architecture = read.string(*root, "architecture");
  m.compiler = read.string(*root, "compiler");
  m.activations = read.string(*root, "activations");
  m.cacheType = read.string(*root, "cache_type");
  for (auto [key, into] : {std::pair("logits_name", &m.logitsName), std::pair("uncached", &m.uncached)})
    if (jsonMember(*root, key))
      *into = read.string(*root, key);
  // Programs may be of any kind: some have neither words nor a cache.
  if (jsonMember(*root, "programs"))
    if (const json *list = read.array(*root, "programs"))
      readPrograms(read, *list, m.programs);
  if (jsonMember(*root, "training"))
    if (const json *training = read.object(*root, "training"))
      readTraining(read, *training, m);
  const int64_t least = m.programs.empty() ? 1 : 0;
  auto size = [&](const char *key, int64_t most) {
    return least || jsonMember(*root, key) ? read.integer(*root, key, least, most) : 0;
  };
  m.layers = size("layers", 1 << 20);
  m.kvHeads = size("kv_heads", 1 << 20);
  m.headDim = size("head_dim", 1 << 20);
  m.sizes.vocabulary = size("vocabulary", 1 << 30);
  m.sizes.contextLength = size("context_length", int64_t(1) << 32);
  if (jsonMember(*root, "position_limit"))
    m.sizes.positionLimit = read.integer(*root, "position_limit", 1, int64_t(1) << 32);
  m.sizes.weights = weightsBytes;
  if (jsonMember(*root, "adapters"))
    if (const json *adapters = read.object(*root, "adapters"))
      readAdapters(read, *adapters, weightsBytes, m);
  if (const json *memory = read.object(*root, "memory")) {
    m.sizes.arenaFixed = uint64_t(read.integer(*memory, "arena_fixed", 0, kMostBytes));
    m.sizes.arenaPerRow = uint64_t(read.integer(*memory, "arena_per_row", 0, kMostBytes));
    m.sizes.cachePerPosition = uint64_t(read.integer(*memory, "cache_per_position", 0, kMostBytes));
  }
  if (const json *cost = read.object(*root, "cost")) {
    m.flopPerToken = read.number(*cost, "flop_per_token");
    m.weightBytesPerToken = read.number(*cost, "weight_bytes_per_token");
  }
  if (const json *list = read.array(*root, "levels"))
    readLevels(read, *list, m.levels);
  if (const json *list = read.array(*root, "weights"))
    readWeights(read, *list, m.sizes.weights, m.weights);
  if (read.failed())
    return read.error();
  return m;
}

} // namespace ph
