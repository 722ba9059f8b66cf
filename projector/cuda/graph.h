// CUDA's events and graphs, owned.
#pragma once

#include <cuda_runtime.h>

#include <utility>

#include "base/result.h"
#include "projector/cuda/device_buffer.h"

namespace spirogram::projector {

// An event that orders streams; it takes no time.
class Event {
 public:
  Event() = default;
  ~Event() {
    if (event_ != nullptr) cudaEventDestroy(event_);
  }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  Status Create() {
    return CudaStatus(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming), "event");
  }
  cudaEvent_t get() const { return event_; }

 private:
  cudaEvent_t event_ = nullptr;
};

// What was enqueued once, to be launched again as one piece. Move-only.
class Graph {
 public:
  Graph() = default;
  ~Graph() {
    if (executable_ != nullptr) cudaGraphExecDestroy(executable_);
  }
  Graph(Graph&& other) noexcept : executable_(std::exchange(other.executable_, nullptr)) {}
  Graph& operator=(Graph&& other) noexcept {
    std::swap(executable_, other.executable_);
    return *this;
  }

  bool is_made() const { return executable_ != nullptr; }

  // Records what `enqueue` puts on the stream, and on those that it forks from it and joins again;
  // none of it runs yet. REQUIRES: nothing is captured yet.
  template <typename Enqueue>
  Status Capture(cudaStream_t stream, const Enqueue& enqueue) {
    RETURN_IF_ERROR(CudaStatus(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed),
                               "capture a graph"));
    const Status status = enqueue();
    cudaGraph_t graph = nullptr;
    const cudaError_t code = cudaStreamEndCapture(stream, &graph);
    if (!status.ok()) {
      cudaGetLastError();  // of a capture that was cut short: what is asked next is not to find it
      if (graph != nullptr) cudaGraphDestroy(graph);
      return status;
    }
    RETURN_IF_ERROR(CudaStatus(code, "capture a graph"));
    const cudaError_t made = cudaGraphInstantiate(&executable_, graph, 0);
    cudaGraphDestroy(graph);
    return CudaStatus(made, "make a graph");
  }

  Status Launch(cudaStream_t stream) const {
    return CudaStatus(cudaGraphLaunch(executable_, stream), "t-SNE on the device: step");
  }

 private:
  cudaGraphExec_t executable_ = nullptr;
};

}  // namespace spirogram::projector
