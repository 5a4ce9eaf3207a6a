#include "powerhouse/Proof/VerifyValues.h"
#include "lib/Proof/Judge.h"

using namespace mlir;

namespace ph::proof {

namespace {

class Watcher : public PassInstrumentation {
public:
  explicit Watcher(std::shared_ptr<ValueVerifier::Judge> judge) : judge(std::move(judge)) {}

  void runBeforePass(Pass *pass, Operation *op) override {
    // A pass can only be failed before it runs.
    if (failed)
      return signalPassFailure(pass);
    judge->before(pass, op);
  }
  void runAfterPass(Pass *pass, Operation *op) override {
    uint64_t differences = judge->counts.differences;
    judge->after(pass, op);
    failed |= judge->counts.differences != differences;
  }
  void runAfterPassFailed(Pass *pass, Operation *op) override { judge->afterFailed(pass); }

private:
  std::shared_ptr<ValueVerifier::Judge> judge;
  bool failed = false;
};

/// Does nothing, so that there is something to fail after the last pass.
class EndOfVerification : public PassWrapper<EndOfVerification, OperationPass<>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(EndOfVerification)
  StringRef getName() const override { return kEndOfVerification; }
  StringRef getDescription() const override { return "fails where values were changed"; }
  void runOnOperation() override { markAllAnalysesPreserved(); }
};

} // namespace

ValueVerifier::ValueVerifier(VerifyOptions options) : judge(std::make_shared<Judge>(std::move(options))) {}
ValueVerifier::~ValueVerifier() = default;

void ValueVerifier::watch(PassManager &manager) {
  manager.getContext()->disableMultithreading();
  manager.addInstrumentation(std::make_unique<Watcher>(judge));
  manager.addPass(std::make_unique<EndOfVerification>());
}

const VerifyCounts &ValueVerifier::counts() const { return judge->counts; }
void ValueVerifier::report(raw_ostream &out) const { judge->report(out); }

} // namespace ph::proof
