// The engine. A step is a graph of kernels that is launched as one; the host does not wait for it.
// Every kSettleSteps steps the host looks at the map's box and chooses the grid for the next ones.
// Where a point has left the grid meanwhile, the steps since the last look are taken back and done
// again on a larger one. Reading the map between two looks changes nothing for the steps to come.
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "projector/cuda/arrangement.h"
#include "projector/cuda/descent_kernels.h"
#include "projector/cuda/graph.h"
#include "projector/cuda/launch.h"
#include "projector/cuda/mesh.h"
#include "projector/cuda/sparse_engine.h"

namespace spirogram::projector {
namespace {

constexpr char kWhat[] = "t-SNE on the device";
constexpr size_t kSettleSteps = 16;
// By how much the map can grow until the next look.
constexpr double kGrowthMax = 2.0 * kStepNormMax * (kSettleSteps + 1);
constexpr int kOrderInterval = 200;
// A new grid has room for the map to grow by so much: plans and graphs are costly to make.
constexpr double kHeadroom = 1.25;
// Up to here direct sums are bearable, and taken where a map has outgrown the largest grid.
constexpr int64_t kDirectOutgrownMax = 50'000;

// N x d of the points in their first order.
template <int kDims>
struct ReadPoint {
  const DevicePoint<kDims>* map;
  const int32_t* order;
  float* coordinates;
  SPIROGRAM_HOST_DEVICE void operator()(int64_t i) const {
    for (int k = 0; k < kDims; ++k) coordinates[int64_t{order[i]} * kDims + k] = map[i].at[k];
  }
};

template <int kDims>
struct SetGains {
  DevicePoint<kDims>* gains;
  SPIROGRAM_HOST_DEVICE void operator()(int64_t i) const {
    for (int k = 0; k < kDims; ++k) gains[i].at[k] = 1;
  }
};

// By a kernel, whose arguments are copied when it is launched. A copy from the host's memory may
// read it when the device comes to it, steps later.
struct SetStep {
  DescentState* state;
  StepFactors step;
  SPIROGRAM_HOST_DEVICE void operator()(int64_t) const { state->step = step; }
};

double SpanOf(const MeshBox& box, int dims) {
  double span = 0;
  for (int k = 0; k < dims; ++k) {
    const double side = double{box.high[k]} - box.low[k];
    if (!std::isfinite(side)) return side;
    span = std::max(span, side);
  }
  return span;
}

template <int kDims>
class SparseCudaEngine final : public TsneEngine {
 public:
  SparseCudaEngine(double spacing, std::string device, int64_t direct_points)
      : spacing_(spacing), device_(std::move(device)), direct_points_(direct_points) {}

  // make_affinities: from the stream to Result<DeviceAffinities>.
  template <typename MakeAffinities>
  Status Create(const MapPoints& start, const MakeAffinities& make_affinities);

  Status Step(const StepParameters& step, const std::stop_token& stop) override;
  Result<double> KlDivergence(const std::stop_token& stop) override;
  Status ReadCoordinates(std::span<float> coordinates) override;
  const std::string& device() const override { return device_; }
  double spacing() const override { return is_direct_ ? 0 : mesh_.shape().spacing; }

 private:
  using Points = DeviceBuffer<DevicePoint<kDims>>;

  DescentArrays<kDims> arrays();
  Status EnqueueRepulsion(cudaStream_t stream);
  Status EnqueueStep();
  Status LaunchStep(const StepFactors& step);
  Status Settle();
  Status Verify(DescentState* state);
  Status Replay(double span);
  Status ReadState(DescentState* state);
  Status EnsureGrid(double span);
  Status UseGrid(const MeshPlan& plan);
  Status Save();
  Status Copy(const void* from, void* to, size_t bytes, cudaMemcpyKind kind);

  int64_t points_ = 0;
  double spacing_;
  std::string device_;
  int64_t direct_points_;
  Stream stream_;
  Stream side_stream_;  // the attraction, beside the mesh
  Event fork_;
  Event join_;
  Arrangement arrangement_;
  MeshOnDevice<kDims> mesh_;
  Graph graph_;
  bool is_direct_ = false;
  Points map_, velocities_, gains_, attractions_, repulsions_;
  Points saved_map_, saved_velocities_, saved_gains_;  // at the last look
  DeviceBuffer<float> potentials_;
  DeviceBuffer<double> partials_;
  DeviceBuffer<double> sum_;
  DeviceBuffer<float> coordinates_;  // N x d, scratch
  DeviceBuffer<DescentState> state_;
  std::vector<StepFactors> pending_;  // steps since the last look
  double span_ = 0;                   // at the last look
  double grown_ = 0;                  // the span that the grid was enlarged for since, or 0
  double sum_p_log_p_ = 0;
  int steps_in_order_ = kOrderInterval;  // the first step is to make one
  StepFactors set_step_{};
};

template <int kDims>
DescentArrays<kDims> SparseCudaEngine<kDims>::arrays() {
  return {points_,
          map_.data(),
          velocities_.data(),
          gains_.data(),
          attractions_.data(),
          repulsions_.data(),
          potentials_.data(),
          partials_.data(),
          state_.data()};
}

template <int kDims>
Status SparseCudaEngine<kDims>::Copy(const void* from, void* to, size_t bytes,
                                     cudaMemcpyKind kind) {
  return CudaStatus(cudaMemcpyAsync(to, from, bytes, kind, stream_.get()), kWhat);
}

template <int kDims>
template <typename MakeAffinities>
Status SparseCudaEngine<kDims>::Create(const MapPoints& start,
                                       const MakeAffinities& make_affinities) {
  points_ = start.points;
  const auto points = static_cast<size_t>(points_);
  RETURN_IF_ERROR(stream_.Create());
  RETURN_IF_ERROR(side_stream_.Create());
  ASSIGN_OR_RETURN(DeviceAffinities affinities, make_affinities(stream_.get()));
  RETURN_IF_ERROR(arrangement_.Create(std::move(affinities), stream_.get()));
  RETURN_IF_ERROR(fork_.Create());
  RETURN_IF_ERROR(join_.Create());
  for (Points* buffer : {&map_, &velocities_, &gains_, &attractions_, &repulsions_, &saved_map_,
                         &saved_velocities_, &saved_gains_}) {
    RETURN_IF_ERROR(buffer->Allocate(points));
  }
  RETURN_IF_ERROR(potentials_.Allocate(points));
  RETURN_IF_ERROR(partials_.Allocate(static_cast<size_t>(DescentPartials(points_))));
  RETURN_IF_ERROR(sum_.Allocate(1));
  RETURN_IF_ERROR(coordinates_.Allocate(points * kDims));
  RETURN_IF_ERROR(state_.Allocate(1));

  std::vector<DevicePoint<kDims>> host(points);  // until ReadState has waited
  for (int k = 0; k < kDims; ++k) {
    const std::span<const float> axis = start.axis(k);
    for (size_t i = 0; i < points; ++i) host[i].at[k] = axis[i];
  }
  RETURN_IF_ERROR(Copy(host.data(), map_.data(), map_.bytes(), cudaMemcpyHostToDevice));
  RETURN_IF_ERROR(ForEach(kWhat, points_, SetGains<kDims>{gains_.data()}, stream_.get()));
  RETURN_IF_ERROR(CudaStatus(
      cudaMemsetAsync(velocities_.data(), 0, velocities_.bytes(), stream_.get()), kWhat));
  RETURN_IF_ERROR(
      CudaStatus(cudaMemsetAsync(state_.data(), 0, state_.bytes(), stream_.get()), kWhat));
  RETURN_IF_ERROR(
      LaunchSumPLogP(arrangement_.edges(), partials_.data(), sum_.data(), stream_.get()));
  RETURN_IF_ERROR(Copy(sum_.data(), &sum_p_log_p_, sizeof sum_p_log_p_, cudaMemcpyDeviceToHost));
  RETURN_IF_ERROR(LaunchBox<kDims>(arrays(), spacing_, stream_.get()));
  DescentState state;
  RETURN_IF_ERROR(ReadState(&state));
  span_ = SpanOf(state.box, kDims);
  RETURN_IF_ERROR(EnsureGrid(span_));
  return Save();
}

template <int kDims>
Status SparseCudaEngine<kDims>::ReadState(DescentState* state) {
  RETURN_IF_ERROR(Copy(state_.data(), state, sizeof *state, cudaMemcpyDeviceToHost));
  return CudaStatus(cudaStreamSynchronize(stream_.get()), kWhat);
}

template <int kDims>
Status SparseCudaEngine<kDims>::EnqueueRepulsion(cudaStream_t stream) {
  if (is_direct_) {
    RETURN_IF_ERROR(LaunchDirectRepulsion<kDims>(arrays(), stream));
  } else {
    RETURN_IF_ERROR(mesh_.Repulsion(map_.data(), points_, &state_.data()->box, repulsions_.data(),
                                    potentials_.data(), &state_.data()->is_outgrown, stream));
  }
  return LaunchSumOfPotentials<kDims>(arrays(), stream);
}

// Attraction and repulsion side by side, then the move.
template <int kDims>
Status SparseCudaEngine<kDims>::EnqueueStep() {
  RETURN_IF_ERROR(CudaStatus(cudaEventRecord(fork_.get(), stream_.get()), kWhat));
  RETURN_IF_ERROR(CudaStatus(cudaStreamWaitEvent(side_stream_.get(), fork_.get(), 0), kWhat));
  RETURN_IF_ERROR(LaunchAttraction<kDims>(arrangement_.edges(), arrays(), side_stream_.get()));
  RETURN_IF_ERROR(CudaStatus(cudaEventRecord(join_.get(), side_stream_.get()), kWhat));
  RETURN_IF_ERROR(EnqueueRepulsion(stream_.get()));
  RETURN_IF_ERROR(CudaStatus(cudaStreamWaitEvent(stream_.get(), join_.get(), 0), kWhat));
  return LaunchMove<kDims>(arrays(), is_direct_ ? spacing_ : mesh_.shape().spacing, stream_.get());
}

template <int kDims>
Status SparseCudaEngine<kDims>::LaunchStep(const StepFactors& step) {
  const bool is_set = step.exaggeration == set_step_.exaggeration &&
                      step.learning_rate == set_step_.learning_rate &&
                      step.momentum == set_step_.momentum;
  if (!is_set) {
    RETURN_IF_ERROR(ForEach(kWhat, 1, SetStep{state_.data(), step}, stream_.get()));
    set_step_ = step;
  }
  return graph_.Launch(stream_.get());
}

template <int kDims>
Status SparseCudaEngine<kDims>::Step(const StepParameters& step, const std::stop_token& stop) {
  if (stop.stop_requested()) return Cancelled("t-SNE: stop requested");
  if (steps_in_order_ >= kOrderInterval) {
    RETURN_IF_ERROR(Settle());
    DescentState state;
    RETURN_IF_ERROR(ReadState(&state));
    RETURN_IF_ERROR(arrangement_.Reorder<kDims>(arrays(), state.box, stream_.get()));
    RETURN_IF_ERROR(Save());
    steps_in_order_ = 0;
  } else if (pending_.size() >= kSettleSteps) {
    RETURN_IF_ERROR(Settle());
  }
  ++steps_in_order_;
  pending_.push_back({static_cast<float>(step.exaggeration), static_cast<float>(step.learning_rate),
                      static_cast<float>(step.momentum)});
  return LaunchStep(pending_.back());
}

// Chooses the grid for the map as it is after the steps so far.
template <int kDims>
Status SparseCudaEngine<kDims>::Settle() {
  if (pending_.empty()) return {};
  DescentState state;
  RETURN_IF_ERROR(Verify(&state));
  pending_.clear();
  span_ = SpanOf(state.box, kDims);
  RETURN_IF_ERROR(EnsureGrid(span_));
  return Save();
}

// Waits for the steps so far; afterwards no point had left the grid in any of them. The grids that
// are tried follow from the map at the last look: the least of them that holds for all steps up to
// the next look is the same, however often the map is read until then.
template <int kDims>
Status SparseCudaEngine<kDims>::Verify(DescentState* state) {
  RETURN_IF_ERROR(ReadState(state));
  while (state->is_outgrown != 0) {
    if (grown_ > span_ + kGrowthMax) return Internal("t-SNE: the map diverged");
    grown_ = 2 * std::max(grown_, span_) + 2;
    RETURN_IF_ERROR(Replay(grown_));
    RETURN_IF_ERROR(ReadState(state));
  }
  return {};
}

// Takes the steps since the last look back, and does them again on a grid for that span.
template <int kDims>
Status SparseCudaEngine<kDims>::Replay(double span) {
  RETURN_IF_ERROR(Copy(saved_map_.data(), map_.data(), map_.bytes(), cudaMemcpyDeviceToDevice));
  RETURN_IF_ERROR(Copy(saved_velocities_.data(), velocities_.data(), velocities_.bytes(),
                       cudaMemcpyDeviceToDevice));
  RETURN_IF_ERROR(
      Copy(saved_gains_.data(), gains_.data(), gains_.bytes(), cudaMemcpyDeviceToDevice));
  RETURN_IF_ERROR(UseGrid(PlanMesh(span, kDims, spacing_)));
  for (const StepFactors& step : pending_) RETURN_IF_ERROR(LaunchStep(step));
  return {};
}

template <int kDims>
Status SparseCudaEngine<kDims>::Save() {
  grown_ = 0;
  RETURN_IF_ERROR(Copy(map_.data(), saved_map_.data(), map_.bytes(), cudaMemcpyDeviceToDevice));
  RETURN_IF_ERROR(Copy(velocities_.data(), saved_velocities_.data(), velocities_.bytes(),
                       cudaMemcpyDeviceToDevice));
  return Copy(gains_.data(), saved_gains_.data(), gains_.bytes(), cudaMemcpyDeviceToDevice);
}

// Keeps the grid where it covers the span and is not twice as large as it need be.
template <int kDims>
Status SparseCudaEngine<kDims>::EnsureGrid(double span) {
  if (!std::isfinite(span)) return Internal("t-SNE: the map diverged");
  const MeshPlan least = PlanMesh(span, kDims, spacing_);
  MeshPlan wanted = PlanMesh(kHeadroom * span, kDims, spacing_);
  if (wanted.spacing > spacing_) wanted = least;  // at the largest grid, accuracy before room
  wanted.size = std::max(wanted.size, MeshSizeMin(points_, kDims));
  const bool is_outgrown = least.spacing > spacing_;
  const bool is_direct =
      points_ <= direct_points_ || (is_outgrown && points_ <= kDirectOutgrownMax);
  const MeshShape& shape = mesh_.shape();
  const bool suits =
      shape.spacing == wanted.spacing && shape.size >= least.size && shape.size <= 2 * wanted.size;
  if (graph_.is_made() && is_direct == is_direct_ && (is_direct || suits)) return {};
  is_direct_ = is_direct;
  return UseGrid(wanted);
}

// Prepares the grid, places it on the map and captures a step anew.
template <int kDims>
Status SparseCudaEngine<kDims>::UseGrid(const MeshPlan& plan) {
  MeshPlan usable = plan;
  usable.size = std::max(plan.size, MeshSizeMin(points_, kDims));
  // The last graph may still run, on memory that is about to be freed.
  RETURN_IF_ERROR(CudaStatus(cudaStreamSynchronize(stream_.get()), kWhat));
  graph_ = Graph();
  if (!is_direct_) RETURN_IF_ERROR(mesh_.Prepare(usable, stream_.get()));
  RETURN_IF_ERROR(LaunchBox<kDims>(arrays(), usable.spacing, stream_.get()));
  int* const is_outgrown = &state_.data()->is_outgrown;
  RETURN_IF_ERROR(CudaStatus(cudaMemsetAsync(is_outgrown, 0, sizeof(int), stream_.get()), kWhat));
  return graph_.Capture(stream_.get(), [this] { return EnqueueStep(); });
}

template <int kDims>
Result<double> SparseCudaEngine<kDims>::KlDivergence(const std::stop_token& stop) {
  if (stop.stop_requested()) return Cancelled("t-SNE: stop requested");
  RETURN_IF_ERROR(Settle());
  RETURN_IF_ERROR(EnqueueRepulsion(stream_.get()));
  RETURN_IF_ERROR(
      LaunchWeightedLog<kDims>(arrangement_.edges(), arrays(), sum_.data(), stream_.get()));
  double weighted_log = 0;
  RETURN_IF_ERROR(Copy(sum_.data(), &weighted_log, sizeof weighted_log, cudaMemcpyDeviceToHost));
  DescentState state;
  RETURN_IF_ERROR(ReadState(&state));
  return sum_p_log_p_ + weighted_log + std::log(state.z);
}

template <int kDims>
Status SparseCudaEngine<kDims>::ReadCoordinates(std::span<float> coordinates) {
  DescentState state;
  RETURN_IF_ERROR(Verify(&state));
  RETURN_IF_ERROR(ForEach(kWhat, points_,
                          ReadPoint<kDims>{map_.data(), arrangement_.order(), coordinates_.data()},
                          stream_.get()));
  RETURN_IF_ERROR(
      Copy(coordinates_.data(), coordinates.data(), coordinates_.bytes(), cudaMemcpyDeviceToHost));
  return CudaStatus(cudaStreamSynchronize(stream_.get()), kWhat);
}

template <int kDims, typename MakeAffinities>
Result<std::unique_ptr<TsneEngine>> Make(const MapPoints& start,
                                         const MakeAffinities& make_affinities,
                                         std::unique_ptr<SparseCudaEngine<kDims>> engine) {
  RETURN_IF_ERROR(engine->Create(start, make_affinities));
  return std::unique_ptr<TsneEngine>(std::move(engine));
}

template <typename MakeAffinities>
Result<std::unique_ptr<TsneEngine>> MakeInDims(const MapPoints& start,
                                               const MakeAffinities& make_affinities,
                                               double spacing, std::string device,
                                               int64_t direct_points) {
  if (start.dims == 2) {
    return Make<2>(
        start, make_affinities,
        std::make_unique<SparseCudaEngine<2>>(spacing, std::move(device), direct_points));
  }
  return Make<3>(start, make_affinities,
                 std::make_unique<SparseCudaEngine<3>>(spacing, std::move(device), direct_points));
}

}  // namespace

Result<std::unique_ptr<TsneEngine>> MakeSparseEngineOnDevice(const SparseAffinities& affinities,
                                                             const MapPoints& start, double spacing,
                                                             std::string device,
                                                             int64_t direct_points) {
  const auto copy = [&](cudaStream_t stream) { return CopyAffinities(affinities, stream); };
  return MakeInDims(start, copy, spacing, std::move(device), direct_points);
}

Result<std::unique_ptr<TsneEngine>> MakeSparseEngineOfNeighbors(const NeighborGraph& graph,
                                                                const AffinityKind& kind,
                                                                const MapPoints& start,
                                                                double spacing, std::string device,
                                                                int64_t direct_points) {
  const auto compute = [&](cudaStream_t stream) {
    return AffinitiesOfNeighbors(graph, kind, stream);
  };
  return MakeInDims(start, compute, spacing, std::move(device), direct_points);
}

}  // namespace spirogram::projector
