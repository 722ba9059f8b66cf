// A warp searches the beta of a row. Both directions of each edge are then sorted by row and
// column, and those that meet are added: a + b is b + a, so the order of equal keys does not
// matter.
#include <bit>
#include <cmath>
#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_scan.cuh>
#include <utility>
#include <vector>

#include "projector/beta_search.h"
#include "projector/cuda/affinities.h"
#include "projector/cuda/launch.h"
#include "projector/host_device.h"

namespace spirogram::projector {
namespace {

constexpr char kWhat[] = "affinities on the device";
constexpr float kScaledMax = 1e30F;  // as on the CPU (perplexity.cc)

template <typename T>
Status CopyIn(const std::vector<T>& from, DeviceBuffer<T>* to, cudaStream_t stream) {
  RETURN_IF_ERROR(to->Allocate(from.size()));
  return CudaStatus(
      cudaMemcpyAsync(to->data(), from.data(), to->bytes(), cudaMemcpyHostToDevice, stream), kWhat);
}

__device__ inline double Square(float distance) {
  return static_cast<double>(distance) * distance;
}

// A warp for each row; its distances, rising, become probabilities in place.
__global__ void PerplexityKernel(int64_t points, int neighbors, double perplexity,
                                 float* distances) {
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kBlock + threadIdx.x;
  const int64_t row = thread / kWarp;
  if (row >= points) return;
  const int lane = static_cast<int>(thread % kWarp);
  float* own = distances + row * neighbors;
  const double smallest = Square(own[0]);
  int ties = 0;
  for (int j = lane; j < neighbors; j += kWarp) ties += Square(own[j]) == smallest ? 1 : 0;
  ties = WarpSum(ties);
  const bool is_tied = ties >= perplexity;
  const int rank = static_cast<int>(ceil(perplexity)) - 1;
  const double unit = Square(own[rank]) - smallest;  // above 0 where fewer are tied
  const auto scaled = [&](int j) {
    const double t = (Square(own[j]) - smallest) / unit;
    return t < kScaledMax ? static_cast<float>(t) : kScaledMax;
  };
  BetaSearch search(log(perplexity));
  BetaMoments moments;
  float beta = 0;
  for (int step = 0; step < BetaSearch::kStepsMax && !is_tied; ++step) {
    beta = search.beta();
    BetaMoments part;
    for (int j = lane; j < neighbors; j += kWarp) {
      const float at = scaled(j);
      const double t = at;
      const double w = expf(-beta * at);
      part.sum += w;
      part.first += w * t;
      part.second += w * t * t;
    }
    moments = {WarpSum(part.sum), WarpSum(part.first), WarpSum(part.second)};
    if (!search.Advance(moments)) break;
  }
  __syncwarp();  // all have read what is written now
  for (int j = lane; j < neighbors; j += kWarp) {
    const float share = Square(own[j]) == smallest ? 1.0F / static_cast<float>(ties) : 0.0F;
    own[j] = is_tied
                 ? share
                 : static_cast<float>(static_cast<double>(expf(-beta * scaled(j))) / moments.sum);
  }
}

// Edge `at` of the graph's first `used` neighbours a row, in both directions. keys: row, column.
struct FillPairs {
  int64_t edges;
  int neighbors;
  int used;
  const int32_t* indices;
  const float* probabilities;  // null: all are `uniform`
  float uniform;
  uint64_t* keys;
  float* values;

  SPIROGRAM_HOST_DEVICE void operator()(int64_t at) const {
    const int64_t row = at / used;
    const int64_t from = row * neighbors + at % used;
    const auto column = static_cast<uint64_t>(indices[from]);
    const float p = probabilities != nullptr ? probabilities[from] : uniform;
    keys[at] = static_cast<uint64_t>(row) << 32 | column;
    keys[edges + at] = column << 32 | static_cast<uint64_t>(row);
    values[at] = values[edges + at] = p;
  }
};

// 1 for the first of equal keys; 0 behind the last.
struct MarkFirsts {
  int64_t pairs;
  const uint64_t* keys;
  int64_t* marks;
  SPIROGRAM_HOST_DEVICE void operator()(int64_t at) const {
    marks[at] = at < pairs && (at == 0 || keys[at] != keys[at - 1]) ? 1 : 0;
  }
};

// The places follow from the marks by a sum. Every row has an edge, so every start is set.
struct FillRows {
  int64_t pairs;
  int64_t points;
  const uint64_t* keys;
  const float* values;
  const int64_t* places;  // pairs + 1
  int64_t* row_starts;
  int32_t* columns;
  float* affinities;

  SPIROGRAM_HOST_DEVICE void operator()(int64_t at) const {
    if (at == 0) row_starts[points] = places[pairs];
    if (at > 0 && keys[at] == keys[at - 1]) return;
    const bool is_mutual = at + 1 < pairs && keys[at + 1] == keys[at];
    const float sum = values[at] + (is_mutual ? values[at + 1] : 0.0F);
    const int64_t place = places[at];
    columns[place] = static_cast<int32_t>(keys[at] & 0xFFFFFFFFU);
    affinities[place] = 0.5F / static_cast<float>(points) * sum;
    if (at == 0 || keys[at] >> 32 != keys[at - 1] >> 32) row_starts[keys[at] >> 32] = place;
  }
};

// The directed edges, sorted: keys_ and values_ hold 2 N k of each.
class Symmetriser {
 public:
  explicit Symmetriser(cudaStream_t stream) : stream_(stream) {}

  Status Sort(const FillPairs& fill, int64_t points) {
    edges_ = fill.edges;
    const auto pairs = static_cast<size_t>(2 * edges_);
    DeviceBuffer<uint64_t> keys;
    DeviceBuffer<float> values;
    DeviceBuffer<unsigned char> scratch;
    for (auto* buffer : {&keys, &keys_}) RETURN_IF_ERROR(buffer->Allocate(pairs));
    for (auto* buffer : {&values, &values_}) RETURN_IF_ERROR(buffer->Allocate(pairs));
    FillPairs filled = fill;
    filled.keys = keys.data();
    filled.values = values.data();
    RETURN_IF_ERROR(ForEach(kWhat, edges_, filled, stream_));
    const int bits = 32 + static_cast<int>(std::bit_width(static_cast<uint64_t>(points - 1)));
    const auto sort = [&](void* memory, size_t* bytes) {
      return CudaStatus(
          cub::DeviceRadixSort::SortPairs(memory, *bytes, keys.data(), keys_.data(), values.data(),
                                          values_.data(), 2 * edges_, 0, bits, stream_),
          kWhat);
    };
    size_t bytes = 0;
    RETURN_IF_ERROR(sort(nullptr, &bytes));
    RETURN_IF_ERROR(scratch.Allocate(bytes));
    RETURN_IF_ERROR(sort(scratch.data(), &bytes));
    return CudaStatus(cudaStreamSynchronize(stream_), kWhat);  // the scratch is freed here
  }

  Status Merge(int64_t points, DeviceAffinities* p) {
    const int64_t pairs = 2 * edges_;
    DeviceBuffer<int64_t> places;
    DeviceBuffer<unsigned char> scratch;
    RETURN_IF_ERROR(places.Allocate(static_cast<size_t>(pairs + 1)));
    RETURN_IF_ERROR(
        ForEach(kWhat, pairs + 1, MarkFirsts{pairs, keys_.data(), places.data()}, stream_));
    const auto sum = [&](void* memory, size_t* bytes) {
      return CudaStatus(cub::DeviceScan::ExclusiveSum(memory, *bytes, places.data(), places.data(),
                                                      pairs + 1, stream_),
                        kWhat);
    };
    size_t bytes = 0;
    RETURN_IF_ERROR(sum(nullptr, &bytes));
    RETURN_IF_ERROR(scratch.Allocate(bytes));
    RETURN_IF_ERROR(sum(scratch.data(), &bytes));
    int64_t total = 0;
    RETURN_IF_ERROR(CudaStatus(cudaMemcpyAsync(&total, places.data() + pairs, sizeof total,
                                               cudaMemcpyDeviceToHost, stream_),
                               kWhat));
    RETURN_IF_ERROR(CudaStatus(cudaStreamSynchronize(stream_), kWhat));
    p->points = points;
    RETURN_IF_ERROR(p->row_starts.Allocate(static_cast<size_t>(points + 1)));
    RETURN_IF_ERROR(p->columns.Allocate(static_cast<size_t>(total)));
    RETURN_IF_ERROR(p->values.Allocate(static_cast<size_t>(total)));
    RETURN_IF_ERROR(ForEach(kWhat, pairs,
                            FillRows{pairs, points, keys_.data(), values_.data(), places.data(),
                                     p->row_starts.data(), p->columns.data(), p->values.data()},
                            stream_));
    return CudaStatus(cudaStreamSynchronize(stream_), kWhat);
  }

 private:
  cudaStream_t stream_;
  int64_t edges_ = 0;
  DeviceBuffer<uint64_t> keys_;
  DeviceBuffer<float> values_;
};

}  // namespace

Result<DeviceAffinities> CopyAffinities(const SparseAffinities& affinities, cudaStream_t stream) {
  DeviceAffinities p;
  p.points = affinities.points;
  RETURN_IF_ERROR(CopyIn(affinities.row_starts, &p.row_starts, stream));
  RETURN_IF_ERROR(CopyIn(affinities.columns, &p.columns, stream));
  RETURN_IF_ERROR(CopyIn(affinities.values, &p.values, stream));
  return Result<DeviceAffinities>(std::move(p));
}

Result<DeviceAffinities> AffinitiesOfNeighbors(const NeighborGraph& graph, const AffinityKind& kind,
                                               cudaStream_t stream) {
  DeviceBuffer<int32_t> indices;
  DeviceBuffer<float> probabilities;
  RETURN_IF_ERROR(CopyIn(graph.indices, &indices, stream));
  FillPairs fill{};
  fill.neighbors = graph.neighbors;
  fill.used = graph.neighbors;
  fill.indices = indices.data();
  if (kind.uniform_neighbors > 0) {
    fill.used = kind.uniform_neighbors;
    fill.uniform = 1.0F / static_cast<float>(kind.uniform_neighbors);
  } else {
    RETURN_IF_ERROR(CopyIn(graph.distances, &probabilities, stream));
    RETURN_IF_ERROR(Launch(kWhat, PerplexityKernel, BlocksFor(graph.points, kWarpsPerBlock), stream,
                           graph.points, graph.neighbors, kind.perplexity, probabilities.data()));
    fill.probabilities = probabilities.data();
  }
  fill.edges = graph.points * fill.used;
  Symmetriser symmetriser(stream);
  RETURN_IF_ERROR(symmetriser.Sort(fill, graph.points));
  DeviceAffinities p;
  RETURN_IF_ERROR(symmetriser.Merge(graph.points, &p));
  return Result<DeviceAffinities>(std::move(p));
}

}  // namespace spirogram::projector
