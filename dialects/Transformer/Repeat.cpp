#include "dialects/Transformer/Transformer.h"

using namespace mlir;
using namespace ph::xf;

void RepeatOp::build(OpBuilder &builder, OperationState &state, int64_t count, ValueRange inits,
                     function_ref<void(OpBuilder &, Location, Value, ValueRange)> body) {
  OpBuilder::InsertionGuard guard(builder);
  state.addOperands(inits);
  state.addTypes(inits.getTypes());
  state.addAttribute(getCountAttrName(state.name), builder.getI64IntegerAttr(count));
  Block *block = builder.createBlock(state.addRegion());
  block->addArgument(builder.getIndexType(), state.location);
  for (Value init : inits)
    block->addArgument(init.getType(), init.getLoc());
  if (body)
    body(builder, state.location, block->getArgument(0), block->getArguments().drop_front());
}

// %h2, %c2 = xf.repeat %layer = 30 iter(%x = %h, %c = %cache) : types { ... xf.yield %a, %b : types }
ParseResult RepeatOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::Argument> arguments(1);
  SmallVector<OpAsmParser::UnresolvedOperand> inits;
  SmallVector<Type> types;
  int64_t count;
  if (parser.parseArgument(arguments.front()) || parser.parseEqual() || parser.parseInteger(count))
    return failure();
  SMLoc at = parser.getCurrentLocation();
  if (succeeded(parser.parseOptionalKeyword("iter")) &&
      (parser.parseAssignmentList(arguments, inits) || parser.parseColon() || parser.parseTypeList(types) ||
       parser.resolveOperands(inits, types, at, result.operands)))
    return failure();
  Builder &builder = parser.getBuilder();
  arguments.front().type = builder.getIndexType();
  for (auto [argument, type] : llvm::zip_equal(MutableArrayRef(arguments).drop_front(), types))
    argument.type = type;
  result.addTypes(types);
  result.getOrAddProperties<Properties>().count = builder.getI64IntegerAttr(count);
  Region *body = result.addRegion();
  if (parser.parseOptionalAttrDictWithKeyword(result.attributes) || parser.parseRegion(*body, arguments))
    return failure();
  ensureTerminator(*body, builder, result.location);
  return success();
}

void RepeatOp::print(OpAsmPrinter &printer) {
  printer << " " << getLayer() << " = " << getCount();
  if (!getInits().empty()) {
    printer << " iter(";
    llvm::interleaveComma(llvm::zip_equal(getRegionIterArgs(), getInits()), printer,
                          [&](auto pair) { printer << std::get<0>(pair) << " = " << std::get<1>(pair); });
    printer << ") : " << getInits().getTypes();
  }
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(), {getCountAttrName()});
  printer << " ";
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false, /*printBlockTerminators=*/!getInits().empty());
}

YieldOp RepeatOp::getYield() { return cast<YieldOp>(getBlock()->getTerminator()); }

LogicalResult RepeatOp::verify() {
  SmallVector<Type> expected = {IndexType::get(getContext())};
  llvm::append_range(expected, getInits().getTypes());
  if (TypeRange(getBlock()->getArgumentTypes()) != TypeRange(expected))
    return emitOpError() << "expects region arguments of types (" << expected << "), but got ("
                         << getBlock()->getArgumentTypes() << ")";
  if (getResultTypes() != getInits().getTypes())
    return emitOpError() << "expects results of types (" << getInits().getTypes() << "), but got (" << getResultTypes()
                         << ")";
  if (getYield().getOperandTypes() != getInits().getTypes())
    return emitOpError() << "expects yielded values of types (" << getInits().getTypes() << "), but got ("
                         << getYield().getOperandTypes() << ")";
  return success();
}

//===-- Control flow ------------------------------------------------------------------------------------------===//

OperandRange RepeatOp::getEntrySuccessorOperands(RegionSuccessor) { return getInits(); }

void RepeatOp::getSuccessorRegions(RegionBranchPoint point, SmallVectorImpl<RegionSuccessor> &regions) {
  // The region always runs at least once, so nothing leads past it.
  regions.emplace_back(&getBody(), getRegionIterArgs());
  if (!point.isParent())
    regions.emplace_back(getOperation(), getResults());
}

void RepeatOp::getRegionInvocationBounds(ArrayRef<Attribute>, SmallVectorImpl<InvocationBounds> &bounds) {
  unsigned count = getCount();
  bounds.emplace_back(count, count);
}

SmallVector<Region *> RepeatOp::getLoopRegions() { return {&getBody()}; }
MutableArrayRef<OpOperand> RepeatOp::getInitsMutable() { return getOperation()->getOpOperands(); }
Block::BlockArgListType RepeatOp::getRegionIterArgs() { return getBody().getArguments().drop_front(); }
std::optional<MutableArrayRef<OpOperand>> RepeatOp::getYieldedValuesMutable() { return getYield()->getOpOperands(); }
std::optional<ResultRange> RepeatOp::getLoopResults() { return getResults(); }

std::optional<SmallVector<Value>> RepeatOp::getLoopInductionVars() { return SmallVector<Value>{getLayer()}; }

static SmallVector<OpFoldResult> constant(RepeatOp op, int64_t value) {
  return {IntegerAttr::get(IndexType::get(op.getContext()), value)};
}

std::optional<SmallVector<OpFoldResult>> RepeatOp::getLoopLowerBounds() { return constant(*this, 0); }
std::optional<SmallVector<OpFoldResult>> RepeatOp::getLoopUpperBounds() { return constant(*this, int64_t(getCount())); }
std::optional<SmallVector<OpFoldResult>> RepeatOp::getLoopSteps() { return constant(*this, 1); }
