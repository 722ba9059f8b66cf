// The search, a block of rows at a time against all columns: cuBLAS multiplies a tile on tensor
// cores, a kernel takes from it what may be near, and what was kept is ranked by the true distance.
#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "gpu/device.cuh"
#include "projector/cuda/device_buffer.h"
#include "projector/cuda/graph.h"
#include "projector/cuda/knn.h"
#include "projector/cuda/knn_kernels.h"

namespace spirogram::projector {
namespace {

constexpr char kWhat[] = "neighbours on the device";
constexpr int64_t kHalfMultiple = 8;  // values of a row in half precision: what tensor cores want

int64_t RoundUp(int64_t count, int64_t multiple) {
  return (count + multiple - 1) / multiple * multiple;
}

class Search {
 public:
  Search(const DeviceSearch& search, gpu::Stream stream, gpu::BlasHandle blas)
      : search_(search),
        rows_(search.matrix.points),
        columns_(static_cast<int64_t>(search.columns.size())),
        block_rows_(std::min(search.block_rows, rows_)),
        tile_columns_(RoundUp(std::min(search.tile_columns, columns_), kTileMultiple)),
        pitch_(RoundUp(search.matrix.dims, kHalfMultiple)),
        stream_(std::move(stream)),
        blas_(std::move(blas)) {}

  Status Prepare();
  // Enqueues the search of rows [first, first + count), whose answers come to `slot`: 0 or 1, so
  // that the device goes on while the host takes the last ones.
  Status SearchBlock(int64_t first, int64_t count, int slot);
  // Waits for these answers. Rows that were given up are added to `open_`.
  Status TakeBlock(int64_t first, int64_t count, int slot, std::span<int32_t> indices,
                   std::span<float> distances);
  // Of some of the open rows, by comparing true distances.
  Status CompareBlock(std::span<const int32_t> rows, std::span<int32_t> indices,
                      std::span<float> distances);

  int64_t block_rows() const { return block_rows_; }
  const std::vector<int32_t>& open() const { return open_; }

 private:
  template <typename T>
  Status CopyIn(std::span<const T> from, DeviceBuffer<T>* to) {
    RETURN_IF_ERROR(to->Allocate(from.size()));
    return Copy(from.data(), to->data(), to->bytes(), cudaMemcpyHostToDevice);
  }
  Status Copy(const void* from, void* to, size_t bytes, cudaMemcpyKind kind) {
    return CudaStatus(cudaMemcpyAsync(to, from, bytes, kind, stream_.get()), kWhat);
  }
  Status Wait() { return CudaStatus(cudaStreamSynchronize(stream_.get()), kWhat); }

  Status AllocateBlock();
  Status RoundColumns();
  Status Multiply(int64_t count, int64_t column, int64_t columns);
  DeviceTile Tile(int64_t first, int64_t count, int64_t column, int64_t columns);
  DeviceRows rows() { return {values_.data(), scales_.data(), rows_, search_.matrix.dims}; }
  HalfRows half_columns() { return {columns_half_.data(), columns_about_.data(), pitch_}; }
  HalfRows half_block() { return {block_half_.data(), block_about_.data(), pitch_}; }
  DeviceCandidates candidates(int slot) {
    return {keys_.data(), answers_[slot].counts.data(), thresholds_.data(),
            CandidateCapacity(search_.neighbors), search_.neighbors};
  }

  // Of a block of rows.
  struct Answers {
    DeviceBuffer<int32_t> counts;
    DeviceBuffer<int32_t> indices;  // rows x k
    DeviceBuffer<float> distances;
    Event ready;
  };

  const DeviceSearch& search_;
  int64_t rows_;
  int64_t columns_;
  int64_t block_rows_;
  int64_t tile_columns_;
  int64_t pitch_;
  gpu::Stream stream_;
  gpu::BlasHandle blas_;
  Stream copy_stream_;
  double scale_ = 1;
  RoundingBounds bounds_;
  std::vector<int32_t> open_;
  DeviceBuffer<float> values_;     // N x D
  DeviceBuffer<double> scales_;    // N, or nothing
  DeviceBuffer<int32_t> numbers_;  // of the columns
  DeviceBuffer<double> mean_;      // D
  DeviceBuffer<__half> columns_half_;
  DeviceBuffer<RoundedRow> columns_about_;
  DeviceBuffer<__half> block_half_;
  DeviceBuffer<RoundedRow> block_about_;
  DeviceBuffer<float> tile_;
  DeviceBuffer<uint64_t> keys_;
  DeviceBuffer<float> thresholds_;
  DeviceBuffer<uint32_t> extremes_;      // 2
  DeviceBuffer<int32_t> block_numbers_;  // of open rows
  Answers answers_[2];
};

Status Search::Prepare() {
  RETURN_IF_ERROR(copy_stream_.Create());
  RETURN_IF_ERROR(CopyIn(search_.matrix.values, &values_));
  if (!search_.scales.empty()) RETURN_IF_ERROR(CopyIn(search_.scales, &scales_));
  RETURN_IF_ERROR(CopyIn(search_.columns, &numbers_));
  RETURN_IF_ERROR(AllocateBlock());
  return RoundColumns();
}

Status Search::AllocateBlock() {
  const auto block = static_cast<size_t>(block_rows_);
  const auto kept = block * static_cast<size_t>(search_.neighbors);
  RETURN_IF_ERROR(columns_half_.Allocate(static_cast<size_t>(columns_ * pitch_)));
  RETURN_IF_ERROR(columns_about_.Allocate(static_cast<size_t>(RoundUp(columns_, kTileMultiple))));
  RETURN_IF_ERROR(block_half_.Allocate(block * static_cast<size_t>(pitch_)));
  RETURN_IF_ERROR(block_about_.Allocate(block));
  RETURN_IF_ERROR(tile_.Allocate(block * static_cast<size_t>(tile_columns_)));
  RETURN_IF_ERROR(
      keys_.Allocate(block * static_cast<size_t>(CandidateCapacity(search_.neighbors))));
  RETURN_IF_ERROR(thresholds_.Allocate(block));
  RETURN_IF_ERROR(extremes_.Allocate(2));
  for (Answers& answers : answers_) {
    RETURN_IF_ERROR(answers.counts.Allocate(block));
    RETURN_IF_ERROR(answers.indices.Allocate(kept));
    RETURN_IF_ERROR(answers.distances.Allocate(kept));
    RETURN_IF_ERROR(answers.ready.Create());
  }
  return block_numbers_.Allocate(block);
}

// Centred, so that the squares to be subtracted are small, and scaled to the range of half
// precision.
Status Search::RoundColumns() {
  const int64_t dims = search_.matrix.dims;
  DeviceBuffer<double> partials;
  DeviceBuffer<unsigned long long> largest;
  RETURN_IF_ERROR(partials.Allocate(static_cast<size_t>(MeanPartials(dims))));
  RETURN_IF_ERROR(mean_.Allocate(static_cast<size_t>(dims)));
  RETURN_IF_ERROR(largest.Allocate(1));
  RETURN_IF_ERROR(
      CudaStatus(cudaMemsetAsync(largest.data(), 0, largest.bytes(), stream_.get()), kWhat));
  RETURN_IF_ERROR(
      CudaStatus(cudaMemsetAsync(extremes_.data(), 0, extremes_.bytes(), stream_.get()), kWhat));
  RETURN_IF_ERROR(LaunchMean(rows(), partials.data(), mean_.data(), stream_.get()));
  RETURN_IF_ERROR(LaunchLargest(rows(), mean_.data(), largest.data(), stream_.get()));
  double most = 0;
  RETURN_IF_ERROR(Copy(largest.data(), &most, sizeof most, cudaMemcpyDeviceToHost));
  RETURN_IF_ERROR(Wait());
  scale_ = HalfScale(most);
  RETURN_IF_ERROR(LaunchRound(rows(), mean_.data(), scale_, numbers_.data(), 0, columns_,
                              half_columns(), extremes_.data(), stream_.get()));
  uint32_t extremes[2];
  RETURN_IF_ERROR(Copy(extremes_.data(), extremes, sizeof extremes, cudaMemcpyDeviceToHost));
  RETURN_IF_ERROR(Wait());
  bounds_.norm = std::bit_cast<float>(extremes[0]);
  bounds_.moved = std::bit_cast<float>(extremes[1]);
  bounds_.product = ProductError(dims);
  bounds_.parallel = search_.scales.empty() ? 0 : 1e-14 * scale_;
  return {};
}

DeviceTile Search::Tile(int64_t first, int64_t count, int64_t column, int64_t columns) {
  DeviceTile tile;
  tile.values = tile_.data();
  tile.pitch = tile_columns_;
  tile.rows = count;
  tile.columns = columns;
  tile.first_row = first;
  tile.column_numbers = numbers_.data() + column;
  return tile;
}

// tile[r][c] = u_r . u_c. To cuBLAS, which stores by column, the tile is columns x rows.
Status Search::Multiply(int64_t count, int64_t column, int64_t columns) {
  const float one = 1;
  const float zero = 0;
  const int pitch = static_cast<int>(pitch_);
  const cublasStatus_t code = cublasGemmEx(
      blas_.get(), CUBLAS_OP_T, CUBLAS_OP_N, static_cast<int>(columns), static_cast<int>(count),
      pitch, &one, columns_half_.data() + column * pitch_, CUDA_R_16F, pitch, block_half_.data(),
      CUDA_R_16F, pitch, &zero, tile_.data(), CUDA_R_32F, static_cast<int>(tile_columns_),
      CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT);
  if (code != CUBLAS_STATUS_SUCCESS) return gpu::CublasError(code, kWhat);
  return {};
}

Status Search::SearchBlock(int64_t first, int64_t count, int slot) {
  const cudaStream_t stream = stream_.get();
  RETURN_IF_ERROR(LaunchRound(rows(), mean_.data(), scale_, nullptr, first, count, half_block(),
                              extremes_.data(), stream));
  RETURN_IF_ERROR(LaunchClear(candidates(slot), count, stream));
  for (int64_t column = 0; column < columns_; column += tile_columns_) {
    const int64_t columns = std::min(tile_columns_, columns_ - column);
    RETURN_IF_ERROR(Multiply(count, column, columns));
    RETURN_IF_ERROR(LaunchCollect(Tile(first, count, column, columns), block_about_.data(),
                                  columns_about_.data() + column, bounds_, candidates(slot),
                                  stream));
  }
  Answers& answers = answers_[slot];
  RETURN_IF_ERROR(LaunchRank(rows(), Tile(first, count, 0, 0), block_about_.data(), bounds_,
                             candidates(slot), answers.indices.data(), answers.distances.data(),
                             stream));
  return CudaStatus(cudaEventRecord(answers.ready.get(), stream), kWhat);
}

Status Search::TakeBlock(int64_t first, int64_t count, int slot, std::span<int32_t> indices,
                         std::span<float> distances) {
  const cudaStream_t stream = copy_stream_.get();
  const Answers& answers = answers_[slot];
  const auto rows = static_cast<size_t>(count);
  const size_t kept = rows * static_cast<size_t>(search_.neighbors);
  std::vector<int32_t> counts(rows);
  const auto take = [stream](const void* from, void* to, size_t bytes) {
    return CudaStatus(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream), kWhat);
  };
  RETURN_IF_ERROR(CudaStatus(cudaStreamWaitEvent(stream, answers.ready.get(), 0), kWhat));
  RETURN_IF_ERROR(take(answers.counts.data(), counts.data(), rows * sizeof(int32_t)));
  RETURN_IF_ERROR(take(answers.indices.data(), indices.data(), kept * sizeof(int32_t)));
  RETURN_IF_ERROR(take(answers.distances.data(), distances.data(), kept * sizeof(float)));
  RETURN_IF_ERROR(CudaStatus(cudaStreamSynchronize(stream), kWhat));
  for (int64_t row = 0; row < count; ++row) {
    if (counts[static_cast<size_t>(row)] < 0) open_.push_back(static_cast<int32_t>(first + row));
  }
  return {};
}

Status Search::CompareBlock(std::span<const int32_t> open, std::span<int32_t> indices,
                            std::span<float> distances) {
  const cudaStream_t stream = stream_.get();
  const auto count = static_cast<int64_t>(open.size());
  const int64_t k = search_.neighbors;
  RETURN_IF_ERROR(
      Copy(open.data(), block_numbers_.data(), open.size_bytes(), cudaMemcpyHostToDevice));
  RETURN_IF_ERROR(LaunchClear(candidates(0), count, stream));
  DeviceTile tile;
  for (int64_t column = 0; column < columns_; column += tile_columns_) {
    tile = Tile(0, count, column, std::min(tile_columns_, columns_ - column));
    tile.row_numbers = block_numbers_.data();
    RETURN_IF_ERROR(LaunchDistances(rows(), tile, tile_.data(), stream));
    RETURN_IF_ERROR(LaunchCollectNearest(tile, candidates(0), stream));
  }
  RETURN_IF_ERROR(LaunchOrder(tile, candidates(0), answers_[0].indices.data(),
                              answers_[0].distances.data(), stream));
  std::vector<int32_t> nearest(static_cast<size_t>(count * k));
  std::vector<float> apart(nearest.size());
  RETURN_IF_ERROR(Copy(answers_[0].indices.data(), nearest.data(), nearest.size() * sizeof(int32_t),
                       cudaMemcpyDeviceToHost));
  RETURN_IF_ERROR(Copy(answers_[0].distances.data(), apart.data(), apart.size() * sizeof(float),
                       cudaMemcpyDeviceToHost));
  RETURN_IF_ERROR(Wait());
  for (int64_t at = 0; at < count; ++at) {
    const int64_t to = open[static_cast<size_t>(at)] * k;
    std::copy_n(nearest.data() + at * k, k, indices.data() + to);
    std::copy_n(apart.data() + at * k, k, distances.data() + to);
  }
  return {};
}

}  // namespace

Status FindNeighborsOnDevice(const DeviceSearch& search, std::span<int32_t> indices,
                             std::span<float> distances, int64_t* compared_again,
                             const std::stop_token& stop,
                             const std::function<void(double)>& progress) {
  ASSIGN_OR_RETURN(gpu::Stream stream, gpu::Stream::Create());
  ASSIGN_OR_RETURN(gpu::BlasHandle blas, gpu::BlasHandle::Create(stream));
  Search device(search, std::move(stream), std::move(blas));
  RETURN_IF_ERROR(device.Prepare());
  const int64_t rows = search.matrix.points;
  const auto k = static_cast<size_t>(search.neighbors);
  const int64_t block_rows = device.block_rows();
  const int64_t blocks = (rows + block_rows - 1) / block_rows;
  const auto rows_of = [&](int64_t at) { return std::min(block_rows, rows - at * block_rows); };
  RETURN_IF_ERROR(device.SearchBlock(0, rows_of(0), 0));
  for (int64_t at = 0; at < blocks; ++at) {
    if (stop.stop_requested()) return Cancelled("neighbours: stop requested");
    if (const int64_t next = at + 1; next < blocks) {
      RETURN_IF_ERROR(device.SearchBlock(next * block_rows, rows_of(next), next % 2));
    }
    const int64_t first = at * block_rows;
    const size_t begin = static_cast<size_t>(first) * k;
    RETURN_IF_ERROR(device.TakeBlock(first, rows_of(at), at % 2, indices.subspan(begin),
                                     distances.subspan(begin)));
    if (progress) {
      progress(0.9 * static_cast<double>(first + rows_of(at)) / static_cast<double>(rows));
    }
  }
  const std::span<const int32_t> open = device.open();
  *compared_again = static_cast<int64_t>(open.size());
  const auto block = static_cast<size_t>(block_rows);
  for (size_t first = 0; first < open.size(); first += block) {
    if (stop.stop_requested()) return Cancelled("neighbours: stop requested");
    RETURN_IF_ERROR(device.CompareBlock(open.subspan(first, std::min(block, open.size() - first)),
                                        indices, distances));
  }
  return {};
}

}  // namespace spirogram::projector
