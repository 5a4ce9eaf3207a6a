// All of train, for mlir-tblgen.
include "dialects/Training/Dialect.td"
include "dialects/Training/AdamW.td"
include "dialects/Training/ScatterAdd.td"
include "dialects/Training/TokenLoss.td"
include "dialects/Training/TokenLogp.td"
