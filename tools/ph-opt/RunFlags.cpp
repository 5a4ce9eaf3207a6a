#include "tools/ph-opt/RunFlags.h"
#include "powerhouse/Driver/ModelWeights.h"
#include "llvm/Support/CommandLine.h"

namespace cl = llvm::cl;
using ph::reference::RunOptions;

struct RunFlags::Flags {
  cl::OptionCategory category{"Options of --run"};
  cl::opt<std::string> run{
      "run", cl::ValueOptional, cl::value_desc("function"), cl::cat(category),
      cl::desc("Run a function (@forward, @main or the only one) on the interpreter, after the passes")};
  cl::opt<std::string> inputs{"inputs", cl::value_desc("safetensors"), cl::cat(category),
                              cl::desc("Arguments by name (xf.name, or arg0 ...); others are made from the seed")};
  cl::opt<std::string> expect{"expect", cl::value_desc("safetensors"), cl::cat(category),
                              cl::desc("Expected results by name (xf.name, or out0 ...)")};
  cl::opt<std::string> outputs{"outputs", cl::value_desc("safetensors"), cl::cat(category),
                               cl::desc("Where to write the results")};
  cl::opt<std::string> weights{"weights", cl::value_desc("model"), cl::cat(category),
                               cl::desc("Where the weights' sources are: a checkpoint, or a safetensors file with them "
                                        "by name; without it they are made from the seed")};
  cl::list<std::string> dims{"dims", cl::CommaSeparated, cl::value_desc("name=2x5,..."), cl::cat(category),
                             cl::desc("Shapes of arguments that are made from the seed")};
  cl::opt<uint64_t> seed{"seed", cl::init(0), cl::cat(category), cl::desc("What seeded values start from")};
  cl::opt<double> absolute{"atol", cl::init(1e-5), cl::cat(category), cl::desc("Absolute error that --expect admits")};
  cl::opt<double> relative{"rtol", cl::init(1e-5), cl::cat(category), cl::desc("Relative error that --expect admits")};
  cl::opt<bool> accurate{"f64", cl::cat(category), cl::desc("Don't round the ops' results to f32")};
};

RunFlags::RunFlags() : flags(std::make_unique<Flags>()) {}
RunFlags::~RunFlags() = default;

std::optional<RunOptions> RunFlags::get() const {
  if (!flags->run.getNumOccurrences())
    return std::nullopt;
  return options();
}

RunOptions RunFlags::options() const {
  RunOptions options;
  options.function = flags->run;
  options.inputs = flags->inputs;
  options.expect = flags->expect;
  options.outputs = flags->outputs;
  options.weights = flags->weights;
  options.openWeights = ph::openWeights;
  options.dims = flags->dims;
  options.seed = flags->seed;
  options.absolute = flags->absolute;
  options.relative = flags->relative;
  options.precision = flags->accurate ? ph::reference::Precision::F64 : ph::reference::Precision::F32;
  return options;
}
