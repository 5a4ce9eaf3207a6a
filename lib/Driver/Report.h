// The page that tells what a compilation did.
#pragma once
#include "CompileStages.h"
#include "powerhouse/Driver/Compile.h"

namespace ph {

/// Writes `options.report` as one self-contained HTML file. Errors: Disk.
Status writeReport(const CompileOptions &options, const CompileRecord &record);

} // namespace ph
