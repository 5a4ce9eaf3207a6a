// phc: compiles a model ahead of time.
#include "powerhouse/Driver/Compile.h"
#include "runtime/base/Interrupt.h"
#include "runtime/formats/ModelStore.h"
#include <CLI/CLI.hpp>
#include <cstdio>

static int fail(const ph::Error &error) {
  std::fprintf(stderr, "phc: error: %s\n", error.message.c_str());
  return static_cast<int>(error.code);
}

static void addOptions(CLI::App &app, ph::CompileOptions &options, std::string &emit) {
  app.add_option("MODEL", options.source,
                 "a GGUF file, a Hugging Face folder, an ONNX file, or the name smollm2 or minilm")
      ->required();
  app.add_option("-o,--output", options.output, "file to write; - is standard output for xf, kernels, llvm and asm")
      ->required();
  app.add_option("--emit", emit, "xf, kernels, llvm, asm, exe or phx")->capture_default_str();
  app.add_option("--target", options.target, "native, or levels: x86-64-v3,x86-64-v4,x86-64-v4-vnni")
      ->capture_default_str();
  app.add_option("--activations", options.activations, "f32 or int8 (with weights of at most 8 bits)")
      ->capture_default_str();
  app.add_option("--cache-type", options.cacheType,
                 "f32 or f16; default: f16 with int8 activations of a quantized model");
  app.add_option(
         "--form", options.form,
         "auto; programs: from linalg, as for what has no kernels; graph: an ONNX file's own inputs and outputs")
      ->capture_default_str();
  app.add_option("--architecture", options.architecture, "a file that describes the model's family");
  app.add_option("--adapter", options.adapters,
                 "a folder with a LoRA adapter in PEFT's layout, merged into the model's weights; may be given again. "
                 "NAME=FOLDER: one of several that `ph run --adapter NAME` chooses from");
  app.add_flag("--unmerged", options.unmerged,
               "keep the adapter beside the weights as it is; always so with quantized weights");
  app.add_flag("--load-in-4bit", options.loadIn4bit,
               "quantize matrices of layers that are floats to NF4 with double quantization: what QLoRA trains on");
  app.add_option("--training", options.training,
                 "make programs that train the model, as a JSON object says: {\"objective\": \"clm\"}");
  app.add_option("--report", options.report, "write passes, times, sizes, memory and cost as HTML");
  app.add_flag("-v,--verbose", options.verbose, "say what each stage does and how long it takes");
}

int main(int argc, char **argv) {
  ph::handleInterrupts(ph::OnInterrupt::Exit);
  CLI::App app("Compiles a transformer model to a native artifact.\n\n"
               "  phc model.gguf -o model.phx\n"
               "  phc smollm2 -o smollm2.phx --target=x86-64-v3,x86-64-v4 --report=report.html\n"
               "  phc model.gguf --emit=xf -o -",
               "phc");
  ph::CompileOptions options;
  std::string emit = "phx";
  addOptions(app, options, emit);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) ? static_cast<int>(ph::ErrorCode::Usage) : 0;
  }
  auto kind = ph::parseEmitKind(emit);
  if (!kind)
    return fail(kind.error());
  options.emit = *kind;
  if (auto status = ph::checkCompileOptions(options))
    return fail(status.error());
  auto path = ph::resolveModel(options.source);
  if (!path)
    return fail(path.error());
  options.source = *path;
  if (auto status = ph::compileModel(options))
    return fail(status.error());
  return 0;
}
