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
} as const satisfies Readonly<Record<string, CodeInfo>>;
