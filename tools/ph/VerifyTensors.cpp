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

} // namespace

Status verifyTensors(const std::string &source, const std::string &file, double tolerance, const RunFlags &flags,
                     bool json) {
  auto opened = SafetensorsFile::open(file);
  if (!opened)
    return opened.error();
  auto artifact = CompiledArtifact::of(source, "f32");
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
