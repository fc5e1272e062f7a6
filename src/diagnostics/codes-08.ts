/** Codes Q0801 to Q0839: calibration, data sources, evaluation. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes08 = {
  Q0801: {
    title: 'not a file of statistics',
    explanation:
      'A .qstats file holds what calibration has seen: a line of JSON about the model and the samples, then one per tensor ' +
      'and half of the samples. The file is something else, of another version, or was changed.\n\n' +
      'Example: qcc calibrate merge part-1.qstats model.onnx -o all.qstats\n\n' +
      'Way out: qcc calibrate MODEL SRC -o FILE.qstats makes one.',
  },
  Q0802: {
    title: 'statistics of something else',
    explanation:
      'Statistics add up only if they are of one model, with the same input shapes and the same --preprocess. Ranges ' +
      'of another model would quantize this one to noise.\n\n' +
      'Example: qcc calibrate merge a.qstats b.qstats, where b was made of the model after another training.\n\n' +
      'Way out: calibrate all parts anew with the same model and options.',
  },
  Q0803: {
    title: 'samples counted twice',
    explanation:
      'Two files of statistics hold the same samples (their digests are equal), which therefore count twice. Ranges are ' +
      'not wrong for it, but their weight is, and there are fewer different samples than it seems.\n\n' +
      'Example: qcc calibrate merge part-1.qstats part-1-again.qstats -o all.qstats\n\n' +
      'Way out: give each shard once; --shard i/n deals out every sample to one shard.',
  },
  Q0804: {
    title: 'nothing to take samples from',
    explanation:
      'What --calibrate or --data names is empty, of a kind qcc does not know, cut off, or does not go with the inputs of ' +
      'the model. Samples are read from folders of .npy, PNG or JPEG (subfolders are classes), WAV, test_data_set_*; from ' +
      '.npy (first axis: samples), .npz, .csv, .wav, IDX and CIFAR files; and with - from .npy records on stdin.\n\n' +
      'Example: an empty folder, or a .csv with 783 numbers a line for an input of 784.\n\n' +
      'Way out: the message says what was found and what the model takes.',
  },
  Q0805: {
    title: 'an image that cannot be read',
    explanation:
      'A file of an image folder is neither PNG nor JPEG, whatever it is called, or its data is damaged.\n\n' +
      'Example: a download that was cut off, or a web page saved as .jpg.\n\n' +
      'Way out: remove it, or save it anew as 8-bit PNG or baseline or progressive JPEG.',
  },
  Q0806: {
    title: 'a sample that does not fit the input',
    explanation:
      'Shape, layout or element type of a sample differ from the input of the model. qcc adds a batch axis of 1, makes ' +
      'numbers of pixels and gives an image the layout of the input; everything else must be asked for.\n\n' +
      'Example: a float64 array of [224,224,3] for a float32 input of [1,3,224,224].\n\n' +
      'Way out: the --preprocess setting in the message: resize=HxW, layout=nhwc, scale=1/255, ...',
  },
  Q0807: {
    title: '--preprocess is not understood',
    explanation:
      'It takes a preset (imagenet, caffe, inception, unit), settings, or a preset and settings that change it: resize, ' +
      'crop, scale, mean, std, order, layout.\n\n' +
      'Example: --preprocess resise=256\n\n' +
      'Way out: --preprocess imagenet, or resize=256,crop=224,scale=1/255,mean=0.485,0.456,0.406,std=0.229,0.224,0.225',
  },
  Q0808: {
    title: 'a value that is not finite',
    explanation:
      'While calibrating, a sample or a tensor that the float model computes from it held NaN or infinity. No range can ' +
      'be made of those, so calibration stops and names the sample and the first such tensor.\n\n' +
      'Example: a .npy file with missing values, or pixels in 0..255 for a model that expects 0..1 and takes an exponential.\n\n' +
      'Way out: mend or remove the sample; check --preprocess.',
  },
  Q0809: {
    title: 'ranges are still moving',
    explanation:
      'Samples fall into two halves by their content, and each half has statistics of its own. Where the two would choose ' +
      'ranges that differ by more than 5 %, the samples are too few to know the range: other samples would give another ' +
      'model. (Each half has only half of the samples, so the truth is a little better than the number.)\n\n' +
      'Example: 16 pictures for a network of 50 layers.\n\n' +
      'Way out: more samples; 200 to 500 settle most image models. qcc calibrate merge adds those of another run.',
  },
  Q0810: {
    title: 'the data is not like that of the training',
    explanation:
      'A batch normalization remembers the mean and the deviation of its channels in training. With the samples given, ' +
      'its values are many deviations off, or hardly vary: the samples are scaled otherwise than those of the training.\n\n' +
      'Example: pixels in 0..255 for a model that was trained on (x / 255 - mean) / std.\n\n' +
      'Way out: --preprocess as in training: imagenet, unit, or scale=, mean=, std=.',
  },
  Q0811: {
    title: 'a tensor that never changes',
    explanation:
      'In all samples the tensor holds one and the same number. Either the data does not vary (all samples are alike, or ' +
      'empty), or that part of the model does not depend on its input.\n\n' +
      'Example: samples that are all zeros.\n\n' +
      'Way out: look at the data; fold constants when exporting.',
  },
  Q0812: {
    title: 'a dead activation',
    explanation:
      'A Relu or Clip gave zero everywhere in all samples. What follows it does not depend on the input any more.\n\n' +
      'Example: pixels in 0..1 for a model trained on 0..255, whose biases now win; or a training that collapsed.\n\n' +
      'Way out: check --preprocess first, then the float model on the same samples.',
  },
  Q0813: {
    title: 'channels that are always zero',
    explanation:
      'Some channels of a tensor were zero in all samples: filters that died in training, or that these samples do not ' +
      'reach. Where it can be proved for every input, qcc leaves out such channels by itself.\n\n' +
      'Example: half of the channels of a person detector trained with a high learning rate.\n\n' +
      'Way out: none is needed; more varied samples, or pruning, if it is many.',
  },
  Q0814: {
    title: 'judged on samples it was calibrated on',
    explanation:
      'Some of the samples of qcc eval are ones that the ranges of the model were made of. Accuracy on them says how well ' +
      'it remembers, not how well it does; benchmarks such as MLPerf forbid it.\n\n' +
      'Example: qcc quantize model.onnx --calibrate images/ and qcc eval with --data images/\n\n' +
      'Way out: keep two folders, or take other samples with --samples and --seed.',
  },
  Q0815: {
    title: 'the accuracy drops by more than is allowed',
    explanation:
      'Top-1 on the labelled samples is lower than that of the float model by more than --max-drop.\n\n' +
      'Example: qcc eval model_int8.onnx --against model.onnx --data val/ --max-drop 1%\n\n' +
      'Way out: calibrate on more samples, or on ones more like those of the evaluation; a higher effort of qcc quantize. ' +
      'Look at the 95 % interval: a thousand samples cannot tell half a point.',
  },
  Q0816: {
    title: 'labels that do not fit',
    explanation:
      'Labels are whole numbers from 0, one per sample in the order of the source, below the number of scores of the first ' +
      'output. They come from --labels (.npy, IDX, text with a label at the end of each line, or a byte each), or from the ' +
      'source: subfolders of images, CIFAR, IDX beside the images, a column of a .csv.\n\n' +
      'Example: 1000 labels for 2000 images, or classes that count from 1.\n\n' +
      'Way out: the message says what was found.',
  },
  Q0817: {
    title: 'nothing to calibrate',
    explanation:
      'The model is quantized already (it holds QuantizeLinear or quantized operators), or computes nothing in float32. ' +
      'Its ranges are in it.\n\n' +
      'Example: qcc calibrate model_int8.onnx images/\n\n' +
      'Way out: qcc build compiles it as it is. To quantize anew, calibrate the float model it was made of.',
  },
  Q0818: {
    title: '-Q3 needs the samples themselves',
    explanation:
      'At -Q3 the weights of a layer are rounded for what the layer makes of its inputs, so the samples go through the float model ' +
      'a second time. A .qstats file holds counts of single tensors, and what comes through a pipe is gone.\n\n' +
      'Example: qcc quantize model.onnx --calibrate model.qstats -Q3 -o model_int8.onnx\n\n' +
      'Way out: --calibrate with the folder or file of samples, or -Q1, which needs their statistics alone.',
  },
  Q0825: {
    title: '8 bits are too few for this model',
    explanation:
      '-Q2 gives those layers int16 activations, or leaves them in float, whose 8 bits cost most accuracy, until the goal is reached: ' +
      '30 dB between outputs and noise, or what --max-drop allows. Here it is not reached, or only with more than half of the work in ' +
      'float.\n\n' +
      'Example: a network whose activations span six orders of magnitude.\n\n' +
      'Way out: train it with quantization (QAT) and build that; allow more with --max-drop; more samples.',
  },
} as const satisfies Readonly<Record<string, CodeInfo>>;
