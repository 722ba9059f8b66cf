#include "trainer/cpu/backend.h"

#include <cblas.h>

#include <cstdlib>
#include <cstring>
#include <optional>
#include <thread>

#include "base/str.h"
#include "trainer/cpu/kernels.h"

namespace spirogram::trainer {
namespace {

class CpuBackend final : public Backend {
 public:
  explicit CpuBackend(int threads) : threads_(threads) {}

  std::string Name() const override { return StrCat("cpu (", threads_, " threads)"); }

  void* Allocate(size_t bytes) override {
    void* memory = std::calloc(bytes == 0 ? 1 : bytes, 1);
    if (memory == nullptr && !error_) {
      error_ = Exhausted(StrCat("no memory for a tensor of ", bytes, " bytes"));
    }
    return memory;
  }
  void Free(void* memory) override { std::free(memory); }
  void Upload(void* to, const void* from_host, size_t bytes) override {
    if (!error_ && bytes != 0) std::memcpy(to, from_host, bytes);
  }
  void Download(void* to_host, const void* from, size_t bytes) override {
    if (!error_ && bytes != 0) std::memcpy(to_host, from, bytes);
  }
  Status Check() override { return error_ ? Status(*error_) : Status(); }

  void Fill(float* x, size_t count, float value) override {
    if (!error_) cpu::Fill(x, count, value);
  }
  void Copy(ConstMatrix x, Matrix out) override {
    if (!error_) cpu::Copy(x, out);
  }
  void Add(ConstMatrix x, Matrix out) override {
    if (!error_) cpu::Add(x, out);
  }
  void AddConstant(float value, Matrix out) override {
    if (!error_) cpu::AddConstant(value, out);
  }
  void LinearForward(ConstMatrix x, ConstMatrix weight, const float* bias, Matrix y) override {
    if (!error_) cpu::LinearForward(x, weight, bias, y);
  }
  void LinearBackward(ConstMatrix d_y, ConstMatrix x, Matrix d_weight, float* d_bias) override {
    if (!error_) cpu::LinearBackward(d_y, x, d_weight, d_bias);
  }
  void LinearBackwardInput(ConstMatrix d_y, ConstMatrix weight, Matrix d_x) override {
    if (!error_) cpu::LinearBackwardInput(d_y, weight, d_x);
  }
  void ReluForward(Matrix y) override {
    if (!error_) cpu::ReluForward(y);
  }
  void ReluBackward(ConstMatrix y, Matrix d_y) override {
    if (!error_) cpu::ReluBackward(y, d_y);
  }
  void Gather(ConstMatrix table, const int32_t* ids, Matrix out) override {
    if (!error_) cpu::Gather(table, ids, out);
  }
  void SumGroups(ConstMatrix d_out, RowGroups groups, Matrix gradient) override {
    if (!error_) cpu::SumGroups(d_out, groups, gradient);
  }
  void SoftmaxCrossEntropy(ConstMatrix logits, const int32_t* labels, Matrix d_logits, float* loss,
                           float* correct) override {
    if (!error_) cpu::SoftmaxCrossEntropy(logits, labels, d_logits, loss, correct);
  }
  void SigmoidCrossEntropy(ConstMatrix logits, const float* labels, Matrix d_logits, float* loss,
                           float* correct) override {
    if (!error_) cpu::SigmoidCrossEntropy(logits, labels, d_logits, loss, correct);
  }
  void SgdUpdate(const DenseParameter& parameter, float rate) override {
    if (!error_) cpu::SgdUpdate(parameter, rate);
  }
  void AdamUpdate(const DenseParameter& parameter, const AdamRates& rates) override {
    if (!error_) cpu::AdamUpdate(parameter, rates);
  }
  void SgdUpdateRows(const SparseParameter& parameter, float rate) override {
    if (!error_) cpu::SgdUpdateRows(parameter, rate);
  }
  void AdamUpdateRows(const SparseParameter& parameter, const AdamRates& rates) override {
    if (!error_) cpu::AdamUpdateRows(parameter, rates);
  }
  void Sum(const float* x, size_t count, float* out) override {
    if (!error_) cpu::Sum(x, count, out);
  }
  void SquareSum(const float* x, size_t count, float* out) override {
    if (!error_) cpu::SquareSum(x, count, out);
  }
  void AddUnitActivity(ConstMatrix y, float* active_count, float* abs_activation) override {
    if (!error_) cpu::AddUnitActivity(y, active_count, abs_activation);
  }
  void AddUnitGradient(ConstMatrix d_weight, const float* d_bias, float* abs_gradient) override {
    if (!error_) cpu::AddUnitGradient(d_weight, d_bias, abs_gradient);
  }
  void AddRowActivity(RowGroups groups, ConstMatrix gradient, ConstMatrix update,
                      RowTotals totals) override {
    if (!error_) cpu::AddRowActivity(groups, gradient, update, totals);
  }
  void RowNorms(ConstMatrix table, float* out) override {
    if (!error_) cpu::RowNorms(table, out);
  }

 private:
  const int threads_;
  std::optional<Error> error_;
};

}  // namespace

std::unique_ptr<Backend> OpenCpuBackend(int threads) {
  if (threads <= 0) threads = static_cast<int>(std::thread::hardware_concurrency());
  if (threads <= 0) threads = 1;
  openblas_set_num_threads(threads);
  return std::make_unique<CpuBackend>(threads);
}

}  // namespace spirogram::trainer
