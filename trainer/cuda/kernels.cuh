// The launchers of the trainer's CUDA kernels; shapes and meanings are documented in
// trainer/backend.h. Each queues on `stream` and returns the launch's error. All pointers are
// device memory. One file per family, as in trainer/cpu/.
#pragma once

#include <cuda_runtime.h>

#include "trainer/backend.h"

namespace spirogram::trainer::cuda {

// elementwise.cu
cudaError_t Fill(float* x, size_t count, float value, cudaStream_t stream);
cudaError_t Copy(ConstMatrix x, Matrix out, cudaStream_t stream);
cudaError_t Add(ConstMatrix x, Matrix out, cudaStream_t stream);
cudaError_t AddConstant(float value, Matrix out, cudaStream_t stream);
cudaError_t BroadcastRow(const float* row, Matrix out, cudaStream_t stream);
cudaError_t SumColumns(ConstMatrix x, float* out, cudaStream_t stream);
cudaError_t ReluForward(Matrix y, cudaStream_t stream);
cudaError_t ReluBackward(ConstMatrix y, Matrix d_y, cudaStream_t stream);

// embedding.cu
cudaError_t Gather(ConstMatrix table, const int32_t* ids, Matrix out, cudaStream_t stream);
cudaError_t SumGroups(ConstMatrix d_out, RowGroups groups, Matrix gradient, cudaStream_t stream);

// loss.cu
cudaError_t SoftmaxCrossEntropy(ConstMatrix logits, const int32_t* labels, Matrix d_logits,
                                float* loss, float* correct, cudaStream_t stream);
cudaError_t SigmoidCrossEntropy(ConstMatrix logits, const float* labels, Matrix d_logits,
                                float* loss, float* correct, cudaStream_t stream);

// optimizer.cu
cudaError_t SgdUpdate(const DenseParameter& parameter, float rate, cudaStream_t stream);
cudaError_t AdamUpdate(const DenseParameter& parameter, const AdamRates& rates,
                       cudaStream_t stream);
cudaError_t SgdUpdateRows(const SparseParameter& parameter, float rate, cudaStream_t stream);
cudaError_t AdamUpdateRows(const SparseParameter& parameter, const AdamRates& rates,
                           cudaStream_t stream);

// statistics.cu
cudaError_t Sum(const float* x, size_t count, float* out, cudaStream_t stream);
cudaError_t SquareSum(const float* x, size_t count, float* out, cudaStream_t stream);
cudaError_t AddUnitActivity(ConstMatrix y, float* active_count, float* abs_activation,
                            cudaStream_t stream);
cudaError_t AddUnitGradient(ConstMatrix d_weight, const float* d_bias, float* abs_gradient,
                            cudaStream_t stream);
cudaError_t AddRowActivity(RowGroups groups, ConstMatrix gradient, ConstMatrix update,
                           RowTotals totals, cudaStream_t stream);
cudaError_t RowNorms(ConstMatrix table, float* out, cudaStream_t stream);

}  // namespace spirogram::trainer::cuda
