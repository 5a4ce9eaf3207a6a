#include "tools/ph/VerifyTensors.h"
#include "runtime/formats/Safetensors.h"
#include "runtime/session/DecoderProgram.h"
#include "tools/ph/Checks.h"
#include "tools/ph/Output.h"
#include "tools/ph/Source.h"
#include "tools/ph/VerifyDecoder.h"
#include "tools/ph/VerifyProgram.h"
#include <cstdio>

namespace ph::tool {
namespace {

bool generatesText(const Model &model) {
  const Program *forward = model.program("forward");
  return model.step() || (forward && DecoderProgram::of(*forward));
}

/// Whether tokens are all that the file gives a model, and their scores all that it wants: a graph that generates text
/// is compared as such then, and by the names of its own inputs and outputs else.
bool isOfTokens(const SafetensorsFile &file) {
  size_t outputs = 0;
  for (const SafetensorsTensor &tensor : file.tensors()) {
    if (tensor.name == "input_ids" || tensor.name == "greedy" || tensor.name == "beam4")
      continue;
    if (tensor.name == "attention_mask") {
      for (int64_t kept : tensor.toIntegers())
        if (!kept)
          return false;
      continue;
    }
    if (tensor.name != "logits" && !tensor.name.starts_with("out."))
      return false;
    ++outputs;
  }
  return outputs < 2;
}

} // namespace

Status verifyTensors(const std::string &source, const std::string &file, double tolerance, const RunFlags &flags,
                     bool json) {
  auto opened = SafetensorsFile::open(file);
  if (!opened)
    return opened.error();
  auto artifact = CompiledArtifact::of(source, {"f32", isOfTokens(**opened) ? "" : "graph", ""});
  if (!artifact)
    return artifact.error();
  ModelOptions wanted = flags.model();
  wanted.text = false;
  auto model = Model::open(artifact->path(), wanted);
  if (!model)
    return model.error();
  auto checks = generatesText(**model) ? verifyDecoder(*model, **opened, file, tolerance, flags.chunk)
                                       : verifyProgram(**model, **opened, file, tolerance);
  if (!checks)
    return checks.error();
  char rule[160];
  std::snprintf(rule, sizeof rule, "%s activations: values within %.0e, continuations exact",
                (*model)->manifest().activations.c_str(), tolerance);
  printChecks(*checks, rule, json);
  if (auto e = finishOutput())
    return e;
  return allPassed(*checks) ? Status() : Status(Error{ErrorCode::Failed, ""});
}

} // namespace ph::tool
