// ph train, ph pretrain: from a configuration to a trained model.
#include "runtime/base/Interrupt.h"
#include "runtime/base/Json.h"
#include "runtime/formats/Checkpoint.h"
#include "runtime/training/config/ConfigKeys.h"
#include "runtime/training/engine/ExportModel.h"
#include "runtime/training/engine/ProgramEngine.h"
#include "runtime/training/loop/RunTraining.h"
#include "tools/ph/Command.h"
#include "tools/ph/Flags.h"
#include "tools/ph/InitialWeights.h"
#include "tools/ph/Metadata.h"
#include "tools/ph/Output.h"
#include "tools/ph/TrainedTensors.h"
#include "tools/ph/TrainingOptions.h"
#include <cstdio>
#include <filesystem>

namespace ph::tool {
namespace {

using namespace ph::training;

struct Options {
  TrainingRun run;
  int threads = 0;
  bool fresh = false;  ///< from random weights
  bool logits = false; ///< record them
};

/// What PEFT reads of an adapter.
std::string adapterConfig(const TrainingConfig &config, const std::string &base) {
  nlohmann::json json;
  json["peft_type"] = "LORA";
  json["task_type"] = "CAUSAL_LM";
  json["base_model_name_or_path"] = base;
  json["r"] = config.loraR;
  json["lora_alpha"] = config.loraAlpha;
  json["lora_dropout"] = config.loraDropout;
  json["use_rslora"] = config.peftUseRslora;
  json["bias"] = "none";
  json["inference_mode"] = true;
  if (config.loraTargetLinear)
    json["target_modules"] = "all-linear";
  else
    json["target_modules"] = config.loraTargetModules;
  return json.dump(2) + "\n";
}

/// What a training's engine is made of, as long as it is used.
struct Loaded {
  std::optional<Metadata> metadata;
  std::optional<CompiledArtifact> artifact, teacherArtifact;
  std::shared_ptr<Model> model, teacher;
  std::unique_ptr<Checkpoint> checkpoint;
};

bool asksAnother(const TrainingConfig &config) {
  return !config.teacher.empty() || config.exampleKind() == ExampleKind::Prompt;
}

/// Compiles the model that the one which learns asks: a teacher, or one that gives rewards. While there are no threads
/// yet.
Status compileTeacher(const TrainingConfig &config, Loaded &loaded) {
  const bool teaches = !config.teacher.empty();
  nlohmann::json wishes;
  wishes["objective"] = "teacher";
  wishes["packed"] = config.samplePacking;
  auto artifact = CompiledArtifact::of(teaches ? config.teacher : config.rewardModel, {"f32", "", wishes.dump()});
  if (!artifact)
    return Error{artifact.error().code, (teaches ? "teacher: " : "reward_model: ") + artifact.error().message};
  loaded.teacherArtifact.emplace(std::move(*artifact));
  return {};
}

Status openTeacher(Loaded &loaded) {
  // Its programs run on the threads of the model that learns.
  auto model = Model::open(loaded.teacherArtifact->path(), {.threads = 1, .progress = true, .text = false});
  if (!model)
    return model.error();
  loaded.teacher = std::move(*model);
  if (!loaded.teacher->program("teach"))
    return Error{ErrorCode::Usage,
                 loaded.teacher->path() + ": is compiled already; teacher and reward_model are models, not artifacts"};
  return loaded.teacher->loadWeights(false);
}

Expected<std::unique_ptr<TrainingEngine>> makeEngine(const TrainingConfig &config, const Tokenizer &tokenizer,
                                                     const Options &options, Loaded &loaded) {
  auto wishes = compilerTrainingOptions(config, options.logits);
  if (!wishes)
    return wishes.error();
  auto source = findSource(config.baseModel);
  if (!source)
    return source.error();
  if (source->kind == SourceKind::Artifact)
    return Error{ErrorCode::Usage, source->path + ": is compiled already; base_model is a model that is to be trained"};
  const bool adapter = !config.adapter.empty();
  if (!adapter || !config.loraModelDir.empty()) {
    auto checkpoint = Checkpoint::open(adapter ? config.resolve(config.loraModelDir) : source->path);
    if (!checkpoint)
      return checkpoint.error();
    loaded.checkpoint = std::move(*checkpoint);
  }
  auto artifact = CompiledArtifact::of(config.baseModel, {"f32", "", *wishes});
  if (!artifact)
    return artifact.error();
  loaded.artifact.emplace(std::move(*artifact));
  if (auto e = !asksAnother(config) ? Status() : compileTeacher(config, loaded))
    return e.error();
  auto model = Model::open(loaded.artifact->path(), {.threads = options.threads, .progress = true, .text = false});
  if (!model)
    return model.error();
  loaded.model = std::move(*model);
  if (auto e = !asksAnother(config) ? Status() : openTeacher(loaded))
    return e.error();
  if (auto e = loaded.model->loadWeights(false))
    return e.error();
  const Manifest &manifest = loaded.model->manifest();
  ProgramEngineParts parts;
  parts.programs = {loaded.model->program("gradients"), loaded.model->program("update"),
                    loaded.model->program("evaluate"), loaded.model->program("baseline")};
  const bool pairs = config.exampleKind() == ExampleKind::Pair;
  if (config.hasOwnLoss() && parts.programs.gradients &&
      (parts.programs.gradients->info().findInput("chosen") >= 0) != pairs)
    return Error{ErrorCode::Usage, "loss: " + config.loss +
                                       (pairs ? " is of tokens, and rl asks for one of pairs"
                                              : " is of pairs, which rl (dpo, say) asks for")};
  if (loaded.teacher)
    (config.teacher.empty() ? parts.reward : parts.teacher) = {
        loaded.teacher->program("teach"), loaded.teacher->weights(), loaded.teacher->manifest().sizes.weights};
  parts.programs.act = loaded.model->program("act");
  parts.programs.rollout = loaded.model->program("rollout");
  if (config.exampleKind() == ExampleKind::Prompt)
    parts.rollout = {config.responseLength, config.rolloutTemperature, tokenizer.vocabulary().eos,
                     std::max(tokenizer.vocabulary().eos, 0), uint64_t(config.seed)};
  parts.team = &loaded.model->team();
  parts.frozen = loaded.model->weights();
  for (const ManifestWeight &weight : manifest.weights) {
    uint64_t elements = 1;
    for (int64_t size : weight.shape)
      elements *= uint64_t(size);
    parts.frozenParameters += elements;
  }
  parts.frozenBytes = manifest.sizes.weights;
  parts.seed = config.seed;
  if (config.hasPagedState() && !options.run.dryRun) // which makes no folder
    parts.pagedFolder = config.resolve(config.outputDir);
  const Beginning from = {loaded.checkpoint.get(), options.fresh, config.loraR, uint64_t(config.seed),
                          firstLossScale(config)};
  parts.fill = [&manifest, from](const std::string &name, std::span<uint8_t> bytes) {
    return fillWeight(manifest, from, name, bytes);
  };
  if (adapter && loaded.checkpoint) {
    // Losses compare with the model without any adapter, as in TRL, not with the one that it begins with.
    const Beginning without = {nullptr, false, config.loraR, uint64_t(config.seed), firstLossScale(config)};
    parts.fillReference = [&manifest, without](const std::string &name, std::span<uint8_t> bytes) {
      return fillWeight(manifest, without, name, bytes);
    };
  }
  parts.exportResult = [&manifest, config, path = source->path](const std::string &folder,
                                                                std::span<const SafetensorsTensor> all) {
    std::vector<SafetensorsTensor> weights;
    std::copy_if(all.begin(), all.end(), std::back_inserter(weights),
                 [](const SafetensorsTensor &weight) { return !isValueHead(weight.name); });
    HeldTensors held;
    for (const TrainedWeight &weight : manifest.training)
      held[weight.name] = weight.tensors;
    return config.adapter.empty() ? exportModel(path, folder, held, weights)
                                  : exportAdapter(folder, held, weights, adapterConfig(config, path));
  };
  auto engine = ProgramEngine::create(std::move(parts));
  if (!engine)
    return engine.error();
  // From here on there is something to save.
  handleInterrupts(OnInterrupt::Flag);
  return std::unique_ptr<TrainingEngine>(std::move(*engine));
}

Status train(const Options &options) {
  Loaded loaded;
  TrainingParts parts;
  parts.openText = [&](const std::string &model) -> Expected<const GgufFile *> {
    auto opened = Metadata::openText(model);
    if (!opened)
      return opened.error();
    loaded.metadata.emplace(std::move(*opened));
    return &loaded.metadata->keys();
  };
  parts.makeEngine = [&](const TrainingConfig &config, const Tokenizer &tokenizer) {
    return makeEngine(config, tokenizer, options, loaded);
  };
  parts.say = [](const std::string &line) { std::fprintf(stderr, "%s\n", line.c_str()); };
  return runTraining(options.run, parts);
}

void add(CLI::App &app, Action &chosen, const char *name, const char *what, const std::string &footer, bool fresh) {
  CLI::App *command = app.add_subcommand(name, what);
  command->footer(footer);
  auto options = std::make_shared<Options>();
  auto help = std::make_shared<bool>(false);
  options->fresh = fresh;
  auto resume = std::make_shared<std::string>();
  auto *config = command->add_option("CONFIG", options->run.config, "a file in YAML, with axolotl's keys");
  auto *resumed = command->add_option("--resume", *resume, "go on from a checkpoint; without a folder: the latest one")
                      ->expected(0, 1);
  command->add_flag("--dry-run", options->run.dryRun, "say how much memory and time it takes, and write nothing");
  command->add_flag("--help-config", *help, "list the keys of the configuration");
  command->add_flag(
      "--record-logits", options->logits,
      "write what the trained model gives for the last micro-batch into output_dir/last_logits.safetensors, "
      "which ph verify compares with what is deployed");
  command->add_option("-t,--threads", options->threads, "threads; 0: as many as there are CPUs")->capture_default_str();
  command->callback([=, &chosen] {
    if (*help) {
      chosen = []() -> Status {
        print(describeConfigKeys());
        return {};
      };
      return;
    }
    if (config->count() == 0)
      throw CLI::RequiredError("CONFIG");
    if (resumed->count() != 0)
      options->run.resume = *resume;
    chosen = [=] { return train(*options); };
  });
}

} // namespace

void addTrain(CLI::App &app, Action &chosen) {
  add(app, chosen, "train", "Train a model on examples, as a configuration says",
      "Examples:\n"
      "  ph train config.yml\n"
      "  ph train config.yml --dry-run\n"
      "  ph train config.yml --resume\n"
      "  ph train --help-config\n"
      "The folder output_dir gets a line of training.jsonl for each step (ph plot draws it), checkpoints to resume\n"
      "from, and the trained model. Ctrl-C saves a checkpoint.",
      false);
}

void addPretrain(CLI::App &app, Action &chosen) {
  add(app, chosen, "pretrain", "Train a model from random weights",
      "Examples:\n"
      "  ph pretrain config.yml\n"
      "As ph train, but of base_model only shapes, tokenizer and vectors (norms, biases) are taken: matrices begin "
      "with\n"
      "random numbers of the deviation 0.02, by seed.",
      true);
}

} // namespace ph::tool
