// The CUDA twin of trainer/cpu/backend.cc: one stream, cuBLAS for matrix products (float32, no
// TF32), the kernels of this folder for everything else. Repeats bit by bit on the same GPU.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "gpu/device.cuh"
#include "trainer/cuda/factory.h"
#include "trainer/cuda/kernels.cuh"

namespace spirogram::trainer {
namespace {

class CudaBackend final : public Backend {
 public:
  CudaBackend(std::string device, gpu::Stream stream, gpu::BlasHandle blas)
      : device_(std::move(device)), stream_(std::move(stream)), blas_(std::move(blas)) {}

  std::string Name() const override { return "cuda (" + device_ + ")"; }

  void* Allocate(size_t bytes) override;
  void Free(void* memory) override { cudaFree(memory); }
  void Upload(void* to, const void* from_host, size_t bytes) override {
    CopyAndWait("upload", to, from_host, bytes, cudaMemcpyHostToDevice);
  }
  void Download(void* to_host, const void* from, size_t bytes) override {
    CopyAndWait("download", to_host, from, bytes, cudaMemcpyDeviceToHost);
  }
  Status Check() override;

  void Fill(float* x, size_t count, float value) override {
    if (!error_) Keep("fill", cuda::Fill(x, count, value, stream_.get()));
  }
  void Copy(ConstMatrix x, Matrix out) override {
    if (!error_) Keep("copy", cuda::Copy(x, out, stream_.get()));
  }
  void Add(ConstMatrix x, Matrix out) override {
    if (!error_) Keep("add", cuda::Add(x, out, stream_.get()));
  }
  void AddConstant(float value, Matrix out) override {
    if (!error_) Keep("add constant", cuda::AddConstant(value, out, stream_.get()));
  }

  void LinearForward(ConstMatrix x, ConstMatrix weight, const float* bias, Matrix y) override;
  void LinearBackward(ConstMatrix d_y, ConstMatrix x, Matrix d_weight, float* d_bias) override;
  void LinearBackwardInput(ConstMatrix d_y, ConstMatrix weight, Matrix d_x) override;

  void ReluForward(Matrix y) override {
    if (!error_) Keep("relu forward", cuda::ReluForward(y, stream_.get()));
  }
  void ReluBackward(ConstMatrix y, Matrix d_y) override {
    if (!error_) Keep("relu backward", cuda::ReluBackward(y, d_y, stream_.get()));
  }
  void Gather(ConstMatrix table, const int32_t* ids, Matrix out) override {
    if (!error_) Keep("gather", cuda::Gather(table, ids, out, stream_.get()));
  }
  void SumGroups(ConstMatrix d_out, RowGroups groups, Matrix gradient) override {
    if (!error_) Keep("sum groups", cuda::SumGroups(d_out, groups, gradient, stream_.get()));
  }
  void SoftmaxCrossEntropy(ConstMatrix logits, const int32_t* labels, Matrix d_logits, float* loss,
                           float* correct) override {
    if (error_) return;
    Keep("softmax",
         cuda::SoftmaxCrossEntropy(logits, labels, d_logits, loss, correct, stream_.get()));
  }
  void SigmoidCrossEntropy(ConstMatrix logits, const float* labels, Matrix d_logits, float* loss,
                           float* correct) override {
    if (error_) return;
    Keep("sigmoid",
         cuda::SigmoidCrossEntropy(logits, labels, d_logits, loss, correct, stream_.get()));
  }
  void SgdUpdate(const DenseParameter& parameter, float rate) override {
    if (!error_) Keep("sgd", cuda::SgdUpdate(parameter, rate, stream_.get()));
  }
  void AdamUpdate(const DenseParameter& parameter, const AdamRates& rates) override {
    if (!error_) Keep("adam", cuda::AdamUpdate(parameter, rates, stream_.get()));
  }
  void SgdUpdateRows(const SparseParameter& parameter, float rate) override {
    if (!error_) Keep("sgd of rows", cuda::SgdUpdateRows(parameter, rate, stream_.get()));
  }
  void AdamUpdateRows(const SparseParameter& parameter, const AdamRates& rates) override {
    if (!error_) Keep("adam of rows", cuda::AdamUpdateRows(parameter, rates, stream_.get()));
  }
  void Sum(const float* x, size_t count, float* out) override {
    if (!error_) Keep("sum", cuda::Sum(x, count, out, stream_.get()));
  }
  void SquareSum(const float* x, size_t count, float* out) override {
    if (!error_) Keep("square sum", cuda::SquareSum(x, count, out, stream_.get()));
  }
  void AddUnitActivity(ConstMatrix y, float* active_count, float* abs_activation) override {
    if (error_) return;
    Keep("unit activity", cuda::AddUnitActivity(y, active_count, abs_activation, stream_.get()));
  }
  void AddUnitGradient(ConstMatrix d_weight, const float* d_bias, float* abs_gradient) override {
    if (error_) return;
    Keep("unit gradient", cuda::AddUnitGradient(d_weight, d_bias, abs_gradient, stream_.get()));
  }
  void AddRowActivity(RowGroups groups, ConstMatrix gradient, ConstMatrix update,
                      RowTotals totals) override {
    if (error_) return;
    Keep("row activity", cuda::AddRowActivity(groups, gradient, update, totals, stream_.get()));
  }
  void RowNorms(ConstMatrix table, float* out) override {
    if (!error_) Keep("row norms", cuda::RowNorms(table, out, stream_.get()));
  }

 private:
  // A product of column-major matrices, which is how cuBLAS sees ours transposed:
  // c [m, n] = op(a) [m, k] * op(b) [k, n] + beta * c.
  struct Product {
    cublasOperation_t op_a;
    cublasOperation_t op_b;
    int k;
    float beta;
  };

  void CopyAndWait(const char* what, void* to, const void* from, size_t bytes, cudaMemcpyKind kind);
  void Multiply(const char* what, const Product& product, ConstMatrix a, ConstMatrix b, Matrix c);

  // Keeps the first error.
  void Keep(const char* what, cudaError_t code) {
    if (code != cudaSuccess && !error_) error_ = gpu::CudaError(code, what);
  }

  const std::string device_;
  const gpu::Stream stream_;
  const gpu::BlasHandle blas_;
  std::optional<Error> error_;
};

void* CudaBackend::Allocate(size_t bytes) {
  if (error_) return nullptr;
  void* memory = nullptr;
  const size_t size = bytes == 0 ? 1 : bytes;
  const std::string what = "allocate " + std::to_string(bytes) + " bytes on the GPU";
  Keep(what.c_str(), cudaMalloc(&memory, size));
  if (memory != nullptr) Keep(what.c_str(), cudaMemsetAsync(memory, 0, size, stream_.get()));
  return memory;
}

Status CudaBackend::Check() {
  if (!error_) Keep("wait for the GPU", cudaStreamSynchronize(stream_.get()));
  return error_ ? Status(*error_) : Status();
}

void CudaBackend::CopyAndWait(const char* what, void* to, const void* from, size_t bytes,
                              cudaMemcpyKind kind) {
  if (error_ || bytes == 0) return;
  Keep(what, cudaMemcpyAsync(to, from, bytes, kind, stream_.get()));
  Keep(what, cudaStreamSynchronize(stream_.get()));
}

void CudaBackend::LinearForward(ConstMatrix x, ConstMatrix weight, const float* bias, Matrix y) {
  if (error_) return;
  Keep("bias", cuda::BroadcastRow(bias, y, stream_.get()));
  // transpose(y) [O, B] = weight [O, I] * transpose(x) [I, B] + what is there
  Multiply("linear forward", {CUBLAS_OP_T, CUBLAS_OP_N, x.columns, 1}, weight, x, y);
}

void CudaBackend::LinearBackward(ConstMatrix d_y, ConstMatrix x, Matrix d_weight, float* d_bias) {
  if (error_) return;
  // transpose(d_weight) [I, O] = transpose(x) [I, B] * d_y [B, O]
  Multiply("linear backward", {CUBLAS_OP_N, CUBLAS_OP_T, d_y.rows, 0}, x, d_y, d_weight);
  Keep("bias gradient", cuda::SumColumns(d_y, d_bias, stream_.get()));
}

void CudaBackend::LinearBackwardInput(ConstMatrix d_y, ConstMatrix weight, Matrix d_x) {
  if (error_) return;
  // transpose(d_x) [I, B] = transpose(weight) [I, O] * transpose(d_y) [O, B]
  Multiply("linear backward input", {CUBLAS_OP_N, CUBLAS_OP_N, d_y.columns, 0}, weight, d_y, d_x);
}

void CudaBackend::Multiply(const char* what, const Product& product, ConstMatrix a, ConstMatrix b,
                           Matrix c) {
  const float alpha = 1;
  const cublasStatus_t code =
      cublasSgemm(blas_.get(), product.op_a, product.op_b, c.columns, c.rows, product.k, &alpha,
                  a.data, a.stride, b.data, b.stride, &product.beta, c.data, c.stride);
  if (code != CUBLAS_STATUS_SUCCESS && !error_) error_ = gpu::CublasError(code, what);
}

Result<std::unique_ptr<Backend>> OpenCudaBackend() {
  cudaDeviceProp properties{};
  const cudaError_t code = cudaGetDeviceProperties(&properties, 0);
  if (code != cudaSuccess) return gpu::CudaError(code, "read the GPU's properties");
  ASSIGN_OR_RETURN(gpu::Stream stream, gpu::Stream::Create());
  ASSIGN_OR_RETURN(gpu::BlasHandle blas, gpu::BlasHandle::Create(stream));
  return std::unique_ptr<Backend>(
      new CudaBackend(properties.name, std::move(stream), std::move(blas)));
}

}  // namespace
}  // namespace spirogram::trainer

extern "C" spirogram::trainer::Backend* spirogram_trainer_backend(spirogram::Error* error) {
  auto backend = spirogram::trainer::OpenCudaBackend();
  if (backend.ok()) return std::move(backend).value().release();
  *error = std::move(backend).error();
  return nullptr;
}
