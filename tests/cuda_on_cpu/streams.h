// Streams, events and graphs of CUDA, on the CPU. Work runs at once, or, on a lazy device, when the
// host waits for its stream, or for all by freeing memory: no sooner, so that a wait that is
// missing shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInvalidConfiguration = 9,
  cudaErrorInsufficientDriver = 35,
  cudaErrorDevicesUnavailable = 46,
  cudaErrorNoDevice = 100,
  cudaErrorStreamCaptureUnsupported = 900,
  cudaErrorStreamCaptureUnjoined = 904,
};
inline const char* cudaGetErrorString(cudaError_t code) {
  return code == cudaErrorMemoryAllocation ? "out of memory" : "an error";
}

using cudaStream_t = struct CUstream_st*;
using cudaEvent_t = struct CUevent_st*;

namespace spirogram::cuda_on_cpu {

using Work = std::vector<std::function<void()>>;

struct Device {
  bool is_lazy = false;
  int times_woken = 0;
  int streams_made = 0;
  std::set<cudaStream_t> streams;
  Work* capture = nullptr;  // where work of the streams that are captured goes
  cudaStream_t capture_origin = nullptr;
  cudaError_t last_error = cudaSuccess;
  std::map<uintptr_t, size_t> blocks;  // of memory
  size_t bytes_used = 0;
  size_t bytes_max = size_t{4} << 30;
  int64_t atomic_adds = 0;  // and votes of lanes: what a GPU would wait for
  int64_t votes = 0;
};
inline Device& TheDevice() {
  static Device device;
  return device;
}

// Remembered, as CUDA does: cudaGetLastError tells of it until it is asked.
inline cudaError_t Failed(cudaError_t code) {
  return TheDevice().last_error = code;
}

}  // namespace spirogram::cuda_on_cpu

struct CUstream_st {
  spirogram::cuda_on_cpu::Work work;
  size_t done = 0;     // of this work
  size_t cleared = 0;  // pieces of work before it
  bool is_captured = false;
  size_t captured = 0;  // pieces of work in the capture
  size_t joined = 0;    // of these, those that the capture's first stream waits for
};
struct CUevent_st {
  cudaStream_t stream = nullptr;
  size_t place = 0;  // so much of the stream's work is before it
  bool is_captured = false;
};
using cudaGraph_t = spirogram::cuda_on_cpu::Work*;
using cudaGraphExec_t = spirogram::cuda_on_cpu::Work*;
enum { cudaStreamNonBlocking = 1, cudaEventDisableTiming = 2 };
enum cudaStreamCaptureMode { cudaStreamCaptureModeRelaxed };

namespace spirogram::cuda_on_cpu {

inline CUstream_st& StreamOf(cudaStream_t stream) {
  static CUstream_st default_stream;
  return stream == nullptr ? default_stream : *stream;
}

inline size_t EndOf(const CUstream_st& stream) {
  return stream.cleared + stream.work.size();
}
inline void Run(CUstream_st& stream, size_t place) {
  while (stream.cleared + stream.done < place) stream.work[stream.done++]();
}
inline void RunAll(CUstream_st& stream) {
  Run(stream, EndOf(stream));
  stream.cleared = EndOf(stream);
  stream.work.clear();
  stream.done = 0;
}
inline void RunDevice() {
  RunAll(StreamOf(nullptr));
  for (const cudaStream_t stream : TheDevice().streams) RunAll(*stream);
}

inline cudaError_t Enqueue(cudaStream_t to, std::function<void()> work) {
  CUstream_st& stream = StreamOf(to);
  if (stream.is_captured) {
    ++stream.captured;
    TheDevice().capture->push_back(std::move(work));
  } else if (TheDevice().is_lazy) {
    stream.work.push_back(std::move(work));
  } else {
    work();
  }
  return cudaSuccess;
}

}  // namespace spirogram::cuda_on_cpu

inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = new CUstream_st;
  ++spirogram::cuda_on_cpu::TheDevice().streams_made;
  spirogram::cuda_on_cpu::TheDevice().streams.insert(*stream);
  return cudaSuccess;
}
inline cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  spirogram::cuda_on_cpu::RunDevice();
  spirogram::cuda_on_cpu::TheDevice().streams.erase(stream);
  delete stream;
  return cudaSuccess;
}
inline cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  using namespace spirogram::cuda_on_cpu;
  if (StreamOf(stream).is_captured) return Failed(cudaErrorStreamCaptureUnsupported);
  RunAll(StreamOf(stream));
  return cudaSuccess;
}

inline cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new CUevent_st;
  return cudaSuccess;
}
inline cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
inline cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  const CUstream_st& from = spirogram::cuda_on_cpu::StreamOf(stream);
  *event = {stream, from.is_captured ? from.captured : spirogram::cuda_on_cpu::EndOf(from),
            from.is_captured};
  return cudaSuccess;
}
inline cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  using namespace spirogram::cuda_on_cpu;
  if (!event->is_captured) {
    const CUevent_st at = *event;
    return Enqueue(stream, [at] { Run(StreamOf(at.stream), at.place); });
  }
  if (stream == TheDevice().capture_origin) {
    event->stream->joined = event->place;
  } else {
    stream->is_captured = true;  // it takes part from here on
  }
  return cudaSuccess;
}

inline cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  using namespace spirogram::cuda_on_cpu;
  TheDevice().capture = new Work;
  TheDevice().capture_origin = stream;
  stream->is_captured = true;
  return cudaSuccess;
}
inline cudaError_t cudaStreamEndCapture(cudaStream_t origin, cudaGraph_t* graph) {
  using namespace spirogram::cuda_on_cpu;
  *graph = std::exchange(TheDevice().capture, nullptr);
  bool is_joined = true;
  for (const cudaStream_t stream : TheDevice().streams) {
    is_joined = is_joined && (stream == origin || stream->joined == stream->captured);
    stream->is_captured = false;
    stream->captured = stream->joined = 0;
  }
  if (is_joined) return cudaSuccess;
  delete std::exchange(*graph, nullptr);
  return Failed(cudaErrorStreamCaptureUnjoined);
}
inline cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                        unsigned long long) {
  *executable = new spirogram::cuda_on_cpu::Work(*graph);
  return cudaSuccess;
}
inline cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
inline cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete executable;
  return cudaSuccess;
}
inline cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  return spirogram::cuda_on_cpu::Enqueue(stream, [executable] {
    for (const auto& work : *executable) work();
  });
}
