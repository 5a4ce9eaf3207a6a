// Loss curves as a picture.
#pragma once
#include "runtime/training/plot/Curve.h"

namespace ph::training {

/// An SVG 1.1 file, 800 x 480, without scripts and fonts of its own: axes with round numbers, a line for each curve
/// (evaluation dashed, with its points), a legend. Names are escaped. Curves of more than 2000 points are thinned.
std::string drawAsSvg(const std::vector<Curve> &curves);

} // namespace ph::training
