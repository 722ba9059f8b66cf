// The products of cuBLAS that we use, by their definition: matrices lie column by column. Those of
// half precision are cut off rather than rounded, as tensor cores may.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "cuda_fp16.h"
#include "cuda_runtime.h"

enum cublasStatus_t {
  CUBLAS_STATUS_SUCCESS = 0,
  CUBLAS_STATUS_ALLOC_FAILED = 3,
  CUBLAS_STATUS_INVALID_VALUE = 7,
  CUBLAS_STATUS_NOT_SUPPORTED = 15
};
enum cublasOperation_t { CUBLAS_OP_N, CUBLAS_OP_T };
enum cudaDataType_t { CUDA_R_16F, CUDA_R_32F };
enum { CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT };
struct cublasContext {
  cudaStream_t stream = nullptr;
};
using cublasHandle_t = cublasContext*;

inline const char* cublasGetStatusString(cublasStatus_t) {
  return "an error";
}
inline cublasStatus_t cublasCreate(cublasHandle_t* handle) {
  *handle = new cublasContext;
  return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasDestroy(cublasHandle_t handle) {
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return CUBLAS_STATUS_SUCCESS;
}
enum cublasFillMode_t { CUBLAS_FILL_MODE_LOWER };
inline cublasStatus_t cublasDsyrk(cublasHandle_t handle, cublasFillMode_t, cublasOperation_t op,
                                  int n, int k, const double* alpha, const double* a, int lda,
                                  const double* beta, double* c, int ldc) {
  if (op != CUBLAS_OP_N || *alpha != 1 || lda < n || ldc < n) return CUBLAS_STATUS_NOT_SUPPORTED;
  spirogram::cuda_on_cpu::Enqueue(handle->stream, [=, kept = *beta] {
    for (int column = 0; column < n; ++column) {
      for (int row = column; row < n; ++row) {
        double* to = c + int64_t{column} * ldc + row;
        double sum = kept == 0 ? 0 : kept * *to;  // what is there may be no number
        for (int at = 0; at < k; ++at) {
          const double* values = a + int64_t{at} * lda;
          sum += values[row] * values[column];
        }
        *to = sum;
      }
    }
  });
  return CUBLAS_STATUS_SUCCESS;
}
// c [m, n] = op(a) [m, k] * op(b) [k, n] + beta * c
inline cublasStatus_t cublasSgemm(cublasHandle_t handle, cublasOperation_t a_op,
                                  cublasOperation_t b_op, int m, int n, int k, const float* alpha,
                                  const float* a, int lda, const float* b, int ldb,
                                  const float* beta, float* c, int ldc) {
  const int a_rows = a_op == CUBLAS_OP_N ? m : k;
  const int b_rows = b_op == CUBLAS_OP_N ? k : n;
  if (*alpha != 1) return CUBLAS_STATUS_NOT_SUPPORTED;
  if (m < 0 || n < 0 || k < 0 || lda < std::max(1, a_rows) || ldb < std::max(1, b_rows) ||
      ldc < std::max(1, m)) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  const int64_t a_row = a_op == CUBLAS_OP_N ? 1 : lda;
  const int64_t a_step = a_op == CUBLAS_OP_N ? lda : 1;
  const int64_t b_step = b_op == CUBLAS_OP_N ? 1 : ldb;
  const int64_t b_column = b_op == CUBLAS_OP_N ? ldb : 1;
  spirogram::cuda_on_cpu::Enqueue(handle->stream, [=, kept = *beta] {
    for (int column = 0; column < n; ++column) {
      for (int row = 0; row < m; ++row) {
        float* to = c + int64_t{column} * ldc + row;
        float sum = 0;
        for (int at = 0; at < k; ++at) {
          sum += a[row * a_row + at * a_step] * b[column * b_column + at * b_step];
        }
        *to = kept == 0 ? sum : kept * *to + sum;  // what is there may be no number
      }
    }
  });
  return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t a_op,
                                   cublasOperation_t b_op, int m, int n, int k, const float* alpha,
                                   const __half* a, cudaDataType_t, int lda, const __half* b,
                                   cudaDataType_t, int ldb, const float* beta, float* c,
                                   cudaDataType_t, int ldc, int, int) {
  if (a_op != CUBLAS_OP_T || b_op != CUBLAS_OP_N || *alpha != 1 || *beta != 0 || lda < k ||
      ldb < k || ldc < m) {
    return CUBLAS_STATUS_NOT_SUPPORTED;
  }
  spirogram::cuda_on_cpu::Enqueue(handle->stream, [=] {
    for (int column = 0; column < n; ++column) {
      for (int row = 0; row < m; ++row) {
        const __half* x = a + int64_t{row} * lda;
        const __half* y = b + int64_t{column} * ldb;
        float sum = 0;
        for (int at = 0; at < k; ++at) {
          const double exact = double{sum} + static_cast<float>(x[at]) * static_cast<float>(y[at]);
          const auto nearest = static_cast<float>(exact);
          sum = std::abs(double{nearest}) > std::abs(exact) ? std::nextafterf(nearest, 0) : nearest;
        }
        c[int64_t{column} * ldc + row] = sum;
      }
    }
  });
  return CUBLAS_STATUS_SUCCESS;
}
