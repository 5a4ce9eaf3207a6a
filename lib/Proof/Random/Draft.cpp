#include "lib/Proof/Random/Draft.h"
#include "llvm/Support/raw_ostream.h"

namespace ph::proof {

std::string Stream::type() const { return "tensor<?x?x" + std::to_string(width) + "xf32>"; }

Draft::Draft(uint64_t seed) : random(seed, "module") {}

std::string Draft::emit(const llvm::Twine &op) {
  std::string name = "%v" + std::to_string(nextValue++);
  body += "    " + name + " = " + op.str() + "\n";
  return name;
}

std::vector<std::string> Draft::emitMany(unsigned results, const llvm::Twine &op) {
  std::string name = "%v" + std::to_string(nextValue++);
  body += "    " + name + ":" + std::to_string(results) + " = " + op.str() + "\n";
  std::vector<std::string> names;
  for (unsigned i = 0; i < results; ++i)
    names.push_back(name + "#" + std::to_string(i));
  return names;
}

std::string Draft::argument(llvm::StringRef key, llvm::StringRef type) {
  for (const auto &[known, name] : argumentNames)
    if (known == key)
      return name;
  std::string name = "%" + key.str();
  argumentNames.emplace_back(key, name);
  arguments += (arguments.empty() ? "" : ", ") + name + ": " + type.str() + " {xf.name = \"" + key.str() + "\"}";
  return name;
}

std::string Draft::chooseFormat() {
  return maybe(40, ", #xf.format<" + among<std::string>({"q8_0", "q4_1", "q4_0", "f16", "bf16"}) + ">");
}

void Draft::makeAlike(bool on) {
  alike = on;
  alikeBias = chance(30);
  alikeFormat = chooseFormat();
}

Weight Draft::weight(llvm::ArrayRef<int64_t> shape, llvm::StringRef perRow) {
  std::string dims;
  for (int64_t dim : shape)
    dims += std::to_string(dim) + "x";
  if (perRow.empty() && !alike && chance(10))
    for (const auto &[weight, of] : loaded)
      if (of == dims)
        return weight;
  std::string format = shape.size() > 1 && shape.back() % 32 == 0 ? (alike ? alikeFormat : chooseFormat()) : "";
  std::string symbol = "@w" + std::to_string(nextWeight), source = "w." + std::to_string(nextWeight++);
  bool stacked = layers > 1;
  weights += "  xf.weight " + symbol + " : tensor<" + (stacked ? std::to_string(layers) + "x" : "") + dims + "f32" +
             format + ">" + (stacked ? " stacked" : "");
  if (!perRow.empty() || alike || chance(90))
    weights += " sources [#xf.source<\"" + source + (stacked ? ".{layer}" : "") +
               (perRow == "{expert}" ? ".{expert}\"" : "\"") + (perRow == "copied" ? ", copied" : "") + ">]";
  weights += "\n";
  Weight weight;
  weight.type = "tensor<" + dims + "f32" + format + ">";
  weight.name = emit("xf.load_weight " + symbol + (stacked ? "[" + layer + "]" : "") + " : " + weight.type);
  loaded.emplace_back(weight, dims);
  return weight;
}

Stream Draft::linear(const Stream &x, int64_t width) {
  Weight w = weight({width, x.width});
  Stream y{"", width};
  std::string operands = x.name + ", " + w.name, types = x.type() + ", " + w.type;
  if (alike ? alikeBias : chance(20)) {
    Weight b = weight({width});
    operands += " bias " + b.name;
    types += ", " + b.type;
  }
  y.name = emit("xf.linear " + operands + (alike ? "" : maybe(8, " activation = gelu")) + " : (" + types + ") -> " +
                y.type());
  if (alike || chance(88))
    return y;
  // A vector that is added, as exporters write a bias.
  Weight b = weight({width});
  return stream(width, "xf.elementwise add " + y.name + ", " + b.name + " : (" + y.type() + ", " + b.type + ") -> " +
                           y.type());
}

Stream Draft::another(const Stream &x) {
  std::vector<Stream> same;
  for (const Stream &stream : kept)
    if (stream.width == x.width)
      same.push_back(stream);
  return same.empty() ? x : same[below(same.size())];
}

void Draft::openLoop(int64_t count, Stream &carried) {
  keptOutside = kept.size();
  layerOutside = layer;
  bodyOutside = std::move(body);
  body.clear();
  carriedOutside = carried.name;
  cacheOutside = cache;
  // A loaded layer is none of another.
  loaded.clear();
  layers = count;
  layer = "%layer";
  carried.name = "%h";
  if (!cache.empty())
    cache = "%c";
}

void Draft::closeLoop(Stream &carried) {
  std::string result = "%v" + std::to_string(nextValue++), type = carried.type();
  bool caches = !cache.empty();
  std::string types = type + (caches ? ", " + cacheType : "");
  body = bodyOutside + "    " + result + (caches ? ":2" : "") + " = xf.repeat %layer = " + std::to_string(layers) +
         " iter(%h = " + carriedOutside + (caches ? ", %c = " + cacheOutside : "") + ") : " + types + " {\n" + body +
         "    xf.yield " + carried.name + (caches ? ", " + cache : "") + " : " + types + "\n    }\n";
  carried.name = result + (caches ? "#0" : "");
  cache = caches ? result + "#1" : "";
  kept.resize(keptOutside);
  loaded.clear();
  layers = 1;
  layer = layerOutside;
}

} // namespace ph::proof
