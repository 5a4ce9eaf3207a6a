// All of step, for mlir-tblgen.
include "dialects/Step/Dialect.td"
include "dialects/Step/Kernel.td"
