#include "WriteArtifact.h"

#include "powerhouse/Codegen/CPU/PackWeights.h"
#include "powerhouse/Import/WeightReader.h"
#include "runtime/base/Interrupt.h"
#include "runtime/base/Progress.h"
#include "runtime/formats/Artifact.h"
#include "runtime/formats/StepABI.h"
#include "llvm/Support/JSON.h"
#include <cmath>
#include <dlfcn.h>
#include <list>

using namespace mlir;

namespace ph {
namespace {

llvm::json::Value toJson(Attribute attribute) {
  if (auto dictionary = dyn_cast<DictionaryAttr>(attribute)) {
    llvm::json::Object object;
    for (NamedAttribute entry : dictionary)
      object[entry.getName().getValue()] = toJson(entry.getValue());
    return object;
  }
  if (auto array = dyn_cast<ArrayAttr>(attribute)) {
    llvm::json::Array list;
    for (Attribute entry : array)
      list.push_back(toJson(entry));
    return list;
  }
  if (auto number = dyn_cast<IntegerAttr>(attribute))
    return number.getInt();
  return llvm::json::fixUTF8(cast<StringAttr>(attribute).getValue());
}

/// A layer of a planned weight, in its place.
struct Piece {
  int64_t offset;
  const conversion::PlannedWeight *entry;
  int64_t layer;
};

constexpr int64_t kAlignment = 64;

/// Front to back: each stack's layers lie side by side.
std::vector<Piece> piecesOf(const conversion::WeightPlan &plan) {
  std::vector<Piece> pieces;
  for (const conversion::PlannedWeight &entry : plan.weights)
    for (int64_t layer = 0; layer < std::max<int64_t>(entry.layers, 1); ++layer)
      pieces.push_back({entry.offset + layer * entry.layerStride, &entry, layer});
  llvm::sort(pieces, [](const Piece &a, const Piece &b) { return a.offset < b.offset; });
  return pieces;
}

/// Those that each adapter has.
std::vector<Piece> adapterPiecesOf(const conversion::WeightPlan &plan) {
  std::vector<Piece> pieces = piecesOf(plan);
  llvm::erase_if(pieces, [](const Piece &piece) {
    auto sources = xf::WeightOp(piece.entry->weight).getSources();
    return !sources || !isAdapterTensor(cast<xf::SourceAttr>((*sources)[0]).getTensor());
  });
  return pieces;
}

/// Where adapters to choose from are: after the weights, one after the other, each with the bytes of all places.
llvm::json::Object adaptersToJson(const UnmergedAdapters &adapters, const conversion::WeightPlan &plan) {
  llvm::json::Array places, list;
  const int64_t begin = llvm::alignTo(plan.totalBytes, kAlignment);
  int64_t each = 0;
  for (const Piece &piece : adapterPiecesOf(plan)) {
    const int64_t bytes = llvm::alignTo(piece.entry->bytes, kAlignment);
    places.push_back(llvm::json::Object{{"offset", piece.offset}, {"bytes", bytes}});
    each += bytes;
  }
  for (const NamedAdapter &one : adapters.list())
    list.push_back(llvm::json::Object{{"name", llvm::json::fixUTF8(one.name)},
                                      {"rank", one.adapter->rank()},
                                      {"offset", begin + each * int64_t(list.size())}});
  return llvm::json::Object{{"begin", begin}, {"places", std::move(places)}, {"list", std::move(list)}};
}

std::string manifest(const ArtifactInfo &info, const conversion::WeightPlan &plan, const std::vector<LevelCode> &levels,
                     const CompileRecord &record) {
  llvm::json::Object root{{"abi", int64_t(kStepABIVersion)}, {"activations", info.activations},
                          {"cache_type", info.cacheType},    {"kv_heads", info.kvHeads},
                          {"head_dim", info.headDim},        {"compiler", compilerVersion()}};
  for (NamedAttribute entry : info.model) {
    if (auto text = dyn_cast<StringAttr>(entry.getValue()))
      root[entry.getName().getValue()] = llvm::json::fixUTF8(text.getValue());
    else if (auto number = dyn_cast<IntegerAttr>(entry.getValue()))
      root[entry.getName().getValue()] = number.getInt();
  }
  llvm::json::Array levelArray;
  for (const LevelCode &level : levels)
    levelArray.push_back(llvm::json::Object{{"name", level.level}, {"symbol", level.symbol}});
  root["levels"] = std::move(levelArray);
  for (auto [key, size] : {std::pair("vocabulary", info.vocabulary), std::pair("context_length", info.contextLength)})
    if (size)
      root[key] = *size;
  if (info.positionLimit)
    root["position_limit"] = *info.positionLimit;
  if (info.training)
    root["training"] = toJson(info.training);
  if (info.programs)
    root["programs"] = toJson(info.programs);
  if (info.adapters)
    root["adapters"] = adaptersToJson(*info.adapters, plan);
  root["memory"] = llvm::json::Object{
      {"arena_fixed", 0}, {"arena_per_row", record.arenaPerRow}, {"cache_per_position", record.cachePerPosition}};
  root["cost"] = llvm::json::Object{{"flop_per_token", int64_t(record.cost.flopPerToken)},
                                    {"weight_bytes_per_token", record.packedBytesPerToken}};
  llvm::json::Array weights;
  for (conversion::PlannedWeight entry : plan.weights) {
    llvm::json::Array shape;
    if (entry.layers)
      shape.push_back(entry.layers);
    shape.push_back(entry.rows * (entry.up ? 2 : 1));
    if (entry.matrix)
      shape.push_back(entry.columns);
    std::string name = entry.weight.getSymName().str();
    if (entry.up)
      name += "+" + entry.up.getSymName().str();
    weights.push_back(llvm::json::Object{{"name", name},
                                         {"format", entry.matrix ? entry.layout.name() : "f32"},
                                         {"shape", std::move(shape)},
                                         {"offset", entry.offset},
                                         {"bytes", entry.bytes}});
  }
  root["weights"] = std::move(weights);
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(root));
  return text;
}

/// Packs one layer of one planned weight into the artifact.
class WeightWriter {
public:
  WeightWriter(const SourceModel &source, ArtifactWriter &out) : source(source), out(out) {}

  Status write(conversion::PlannedWeight entry, int64_t layer) {
    if (interrupted())
      return Error{ErrorCode::Interrupted, "interrupted; nothing was written"};
    if (!entry.matrix) {
      auto values = readWeight(source, entry.weight, layer);
      if (!values)
        return values.error();
      for (float value : *values)
        if (!std::isfinite(value))
          return notFinite(entry.weight, layer);
      return out.write({reinterpret_cast<const uint8_t *>(values->data()), values->size() * sizeof(float)});
    }
    arranged.clear();
    codegen::PackRequest request;
    request.layout = entry.layout;
    if (auto status = addParts(entry.weight, layer, request.parts))
      return status;
    if (entry.up)
      if (auto status = addParts(entry.up, layer, request.upParts))
        return status;
    request.release = [&](std::span<const uint8_t> bytes) { source.release(bytes); };
    auto status = codegen::packWeights(request, [&](std::span<const uint8_t> bytes) { return out.write(bytes); });
    if (status && status.error().code == ErrorCode::BadModel)
      return Error{ErrorCode::BadModel, source.path() + ": " + status.error().message};
    return status;
  }

private:
  Error notFinite(xf::WeightOp weight, int64_t layer) {
    auto parts = findWeightParts(source, weight, layer);
    if (!parts)
      return parts.error();
    std::string names;
    for (const WeightPart &part : *parts)
      names += (names.empty() ? "'" : " or '") + part.tensor->name + "'";
    return {ErrorCode::BadModel, source.path() + ": tensor " + names + " holds a value that is not finite"};
  }

  Status addParts(xf::WeightOp weight, int64_t layer, std::vector<codegen::PackPart> &into) {
    if (!conversion::isStoredInRows(weight))
      return addArranged(weight, layer, into);
    auto parts = findWeightParts(source, weight, layer);
    if (!parts)
      return parts.error();
    for (const WeightPart &part : *parts) {
      xf::SourceAttr from = part.source;
      into.push_back({part.tensor->name, part.tensor->format, part.tensor->data, part.rows, part.tensor->shape.back(),
                      from ? from.getHeads() : 0});
    }
    return {};
  }

  /// Values that don't stand row by row in the source's tensors, as the floats that they are.
  Status addArranged(xf::WeightOp weight, int64_t layer, std::vector<codegen::PackPart> &into) {
    auto values = readWeight(source, weight, layer);
    if (!values)
      return values.error();
    const std::vector<float> &kept = arranged.emplace_back(std::move(*values));
    auto type = weight.getLoadedType();
    into.push_back({"@" + weight.getSymName().str(),
                    findFormatByName("f32"),
                    {reinterpret_cast<const uint8_t *>(kept.data()), kept.size() * sizeof(float)},
                    type.getDimSize(0),
                    type.getDimSize(1),
                    0});
    return {};
  }

  const SourceModel &source;
  ArtifactWriter &out;
  std::list<std::vector<float>> arranged; ///< of the weight that is being packed
};

/// The program that runs an artifact at its own end, installed beside the compiler's library.
std::string programPath() {
  Dl_info info = {};
  std::string library = dladdr(reinterpret_cast<void *>(&programPath), &info) ? info.dli_fname : "";
  return library.substr(0, library.rfind('/') + 1) + "powerhouse/ph-stub";
}

} // namespace

Status writeArtifact(const CompileOptions &options, const SourceModel &source, const ArtifactInfo &info,
                     const conversion::WeightPlan &plan, const std::vector<LevelCode> &levels, const std::string &elf,
                     CompileRecord &record, llvm::function_ref<Status()> beforeCommit) {
  std::optional<StageTimer> timer(std::in_place, record, "pack", options.verbose);
  MappedFile program;
  bool executable = options.emit == EmitKind::Executable;
  if (executable) {
    auto mapped = MappedFile::open(programPath());
    if (!mapped)
      return mapped.error();
    program = std::move(*mapped);
  }
  auto writer = ArtifactWriter::create(options.output, {reinterpret_cast<const uint8_t *>(elf.data()), elf.size()},
                                       executable ? 0777 : 0666, program.bytes());
  if (!writer)
    return writer.error();
  if (auto status =
          writer->writeMetadata(source.metadata().bytes, source.metadata().count, manifest(info, plan, levels, record)))
    return status;
  Progress progress("pack", plan.totalBytes);
  WeightWriter weights(source, *writer);
  for (const Piece &piece : piecesOf(plan)) {
    if (auto status = writer->pad(kAlignment))
      return status;
    if (int64_t(writer->weightsBytes()) != piece.offset)
      return Error{ErrorCode::Failed, "internal error: weight " + xf::WeightOp(piece.entry->weight).getSymName().str() +
                                          " is packed at " + std::to_string(writer->weightsBytes()) +
                                          ", but planned at " + std::to_string(piece.offset)};
    if (auto status = weights.write(*piece.entry, piece.layer))
      return status;
    progress.update(writer->weightsBytes());
  }
  for (size_t i = 0; info.adapters && i < info.adapters->list().size(); ++i) {
    info.adapters->choose(int64_t(i));
    for (const Piece &piece : adapterPiecesOf(plan)) {
      if (auto status = writer->pad(kAlignment))
        return status;
      if (auto status = weights.write(*piece.entry, piece.layer))
        return status;
    }
  }
  if (auto status = writer->pad(kAlignment))
    return status;
  record.weightBytes = writer->weightsBytes();
  timer.reset();
  if (auto status = beforeCommit())
    return status;
  return writer->finish();
}

} // namespace ph
