#include "runtime/training/engine/TensorStore.h"
#include "runtime/base/Quote.h"
#include <cstring>

namespace ph::training {

static SafetensorsType fileType(TensorElement element) {
  switch (element) {
  case TensorElement::F32:
    return SafetensorsType::F32;
  case TensorElement::F16:
    return SafetensorsType::F16;
  case TensorElement::I32:
    return SafetensorsType::I32;
  case TensorElement::I8:
    return SafetensorsType::I8;
  case TensorElement::Bool:
    return SafetensorsType::Bool;
  }
  return SafetensorsType::F32;
}

Status TensorStore::add(const ProgramTensor &tensor, bool paged) {
  auto wrong = [&](const char *what) {
    return Error{ErrorCode::BadModel, "the training programs' tensor " + quoteText(tensor.name) + " " + what};
  };
  if (auto it = places.find(tensor.name); it != places.end()) {
    if (it->second.tensor.shape != tensor.shape || it->second.tensor.element != tensor.element)
      return wrong("has not the same type in all programs");
    return {};
  }
  auto bytes = elementBytes(tensor.element);
  for (int64_t size : tensor.shape)
    if (size < 0 || __builtin_mul_overflow(bytes, size, &bytes))
      return wrong(size < 0 ? "is kept between calls, but has a dynamic size" : "has more bytes than can be counted");
  const uint64_t padded = (uint64_t(bytes) + 63) / 64 * 64;
  if (totalBytes() + padded > uint64_t(INT64_MAX))
    return wrong("has more bytes than can be counted");
  places.emplace(tensor.name, Place{tensor, total[paged], uint64_t(bytes), paged});
  total[paged] += padded;
  return {};
}

Status TensorStore::allocate(const std::string &folder) {
  auto made = Region::allocate(total[0], Region::Pages::Huge, "weights, gradients and the optimizer's state");
  if (!made)
    return made.error();
  auto file = Region::allocatePaged(total[1], folder, "the optimizer's state");
  if (!file)
    return file.error();
  memory[0] = std::move(*made);
  memory[1] = std::move(*file);
  return {};
}

std::span<uint8_t> TensorStore::bytes(const std::string &name) {
  const Place &place = places.find(name)->second;
  return {memory[place.paged].data() + place.offset, size_t(place.bytes)};
}

int64_t TensorStore::elements(const std::string &name) const {
  const Place &place = places.find(name)->second;
  return int64_t(place.bytes) / elementBytes(place.tensor.element);
}

SafetensorsTensor TensorStore::view(const std::string &name) {
  const Place &place = places.find(name)->second;
  return {name, fileType(place.tensor.element), place.tensor.shape, bytes(name)};
}

Status TensorStore::save(const std::string &path, std::span<const std::string> names) {
  std::vector<SafetensorsTensor> tensors;
  for (const std::string &name : names)
    tensors.push_back(view(name));
  return writeSafetensors(path, tensors);
}

Status TensorStore::load(const std::string &path, std::span<const std::string> names) {
  auto file = SafetensorsFile::open(path);
  if (!file)
    return file.error();
  auto wrong = [&](const std::string &what) {
    return Error{ErrorCode::BadModel, path + ": " + what + ": it is of another model or optimizer"};
  };
  for (const std::string &name : names) {
    const SafetensorsTensor *tensor = (*file)->find(name);
    if (!tensor)
      return wrong("has no tensor " + quoteText(name));
    const SafetensorsTensor ours = view(name);
    if (tensor->type != ours.type || tensor->shape != ours.shape)
      return wrong("the tensor " + quoteText(name) + " has another type or shape");
  }
  if ((*file)->tensors().size() != names.size())
    return wrong("has " + std::to_string((*file)->tensors().size()) + " tensors, not " + std::to_string(names.size()));
  for (const std::string &name : names)
    std::memcpy(bytes(name).data(), (*file)->find(name)->data.data(), bytes(name).size());
  return {};
}

} // namespace ph::training
