#include "runtime/session/Model.h"
#include "runtime/base/Progress.h"
#include <cstring>
#include <functional>
#include <optional>

namespace ph {

Expected<ArtifactFile> ArtifactFile::open(const std::string &path) {
  ArtifactFile result;
  auto mapped = MappedFile::open(path);
  if (!mapped)
    return mapped.error();
  std::span<const uint8_t> bytes = mapped->bytes();
  ArtifactTrailer trailer = {};
  if (bytes.size() >= sizeof trailer)
    std::memcpy(&trailer, bytes.data() + bytes.size() - sizeof trailer, sizeof trailer);
  // The trailer's offsets count from the artifact's own beginning, so its end says how long it is.
  uint64_t length = 0;
  const bool appended = std::memcmp(trailer.magic, "PHXART01", sizeof trailer.magic) == 0 &&
                        !__builtin_add_overflow(trailer.weightsOffset, trailer.weightsBytes, &length) &&
                        !__builtin_add_overflow(length, sizeof trailer, &length) && length < bytes.size();
  if (!appended) {
    auto artifact = Artifact::open(path);
    if (!artifact)
      return artifact.error();
    result.artifact = std::move(*artifact);
    return result;
  }
  result.offset = bytes.size() - length;
  auto artifact = Artifact::parse(bytes.subspan(result.offset), path);
  if (!artifact)
    return artifact.error();
  result.artifact = std::move(*artifact);
  result.program = std::move(*mapped);
  return result;
}

Expected<std::shared_ptr<Model>> Model::open(const std::string &path, const ModelOptions &options) {
  auto model = std::make_shared<Model>();
  auto file = ArtifactFile::open(path);
  if (!file)
    return file.error();
  model->file = std::move(*file);
  const Artifact &artifact = *model->file.artifact;
  auto manifest = Manifest::parse(artifact.manifest(), path, artifact.weights().size());
  if (!manifest)
    return manifest.error();
  model->about = std::move(*manifest);
  if (!options.adapter.empty()) {
    auto adapter = model->about.adapters.find(options.adapter, path);
    if (!adapter)
      return adapter.error();
    model->adapter = *adapter;
  }
  if (options.text) {
    if (!Tokenizer::isIn(artifact.metadata()))
      return Error{ErrorCode::BadModel,
                   path +
                       ": the model has no tokenizer, so it can't take or give text; it can be "
                       "measured (ph bench) and compared (ph verify)" +
                       (model->about.architecture == "onnx" ? "; a graph's is read from the folder that it lies in: "
                                                              "tokenizer.json and its like"
                                                            : "")};
    auto tokenizer = Tokenizer::create(artifact.metadata());
    if (!tokenizer)
      return tokenizer.error();
    model->words = std::move(*tokenizer);
  }
  if (model->words && model->about.sizes.vocabulary == 0)
    return Error{ErrorCode::Usage, path + ": the model has no vocabulary, so that it can't take text"};
  if (model->words && int64_t(model->words->vocabulary().size()) > model->about.sizes.vocabulary)
    return Error{ErrorCode::BadModel, path + ": its tokenizer has " +
                                          std::to_string(model->words->vocabulary().size()) +
                                          " tokens, but its kernels only " +
                                          std::to_string(model->about.sizes.vocabulary) + "; compile the model again"};
  auto kernels = KernelLibrary::load(path, model->file.offset, artifact.elf().size(), model->about.levels);
  if (!kernels)
    return kernels.error();
  model->kernels = std::move(*kernels);
  for (const ProgramInfo &info : model->about.programs) {
    auto function = reinterpret_cast<ProgramFn>(model->kernels.find(info.symbol));
    auto plan = reinterpret_cast<ProgramPlanFn>(model->kernels.find(info.plan));
    if (!function || !plan)
      return Error{ErrorCode::BadModel, path + ": lacks the function '" + (function ? info.plan : info.symbol) +
                                            "' of the program '" + info.name + "'; compile it again"};
    model->programs.emplace_back(info, function, plan);
  }
  auto team = Team::create(options.threads ? options.threads : availableCpus());
  if (!team)
    return team.error();
  model->threads = std::move(*team);
  model->wishedPlacement = options.placement;
  model->showsProgress = options.progress;
  return model;
}

const Program *Model::program(std::string_view name) const {
  for (const Program &program : programs)
    if (program.info().name == name)
      return &program;
  return nullptr;
}

Status Model::loadWeights(bool map) {
  if (loaded)
    return {};
  std::optional<Progress> progress;
  std::function<void(uint64_t)> tell;
  if (showsProgress) {
    progress.emplace("reading weights", sizes().weights);
    tell = [&](uint64_t done) { progress->update(done); };
  }
  auto result = Weights::load(path(), file.offset + file.artifact->weightsOffset(), sizes().weights,
                              map ? WeightsMode::Map : WeightsMode::Read, *threads, tell);
  if (!result)
    return result.error();
  if (adapter)
    if (auto e = about.adapters.apply(*adapter, file.artifact->weights(), *result))
      return e;
  weightsMemory = std::move(*result);
  loaded = true;
  return {};
}

} // namespace ph
