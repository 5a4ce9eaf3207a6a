// Images as the inputs of programs.
#pragma once
#include "runtime/session/Model.h"
#include <span>
#include <string>

namespace ph {

/// The input `pixel_values` [batch, 3, height, width] of `program` for the files `paths`, prepared as the model's
/// preprocessor_config.json says. Errors: Usage if the program takes no images of a fixed size; those of readImage and
/// ImageProcessor.
Expected<HostTensor> pixelValues(const Model &model, const Program &program, std::span<const std::string> paths);

} // namespace ph
