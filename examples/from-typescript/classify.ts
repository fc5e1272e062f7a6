/** The compiled classifier called from TypeScript: reads a picture (.npy, float32 [1,1,28,28]) and names what it shows. */
import { readFileSync } from 'node:fs';
import { FashionModel, model } from './fashion/bindings/fashion.js';

const labels = ['T-shirt', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'];
const [picture = '../fashion-classifier/sample.npy'] = process.argv.slice(2);

const file = readFileSync(picture);
const start = 10 + file.readUInt16LE(8);
const { elements, shape } = model.inputs.input;
const input = Float32Array.from({ length: elements }, (_, i) => file.readFloatLE(start + 4 * i));

const network = new FashionModel();
const { logits } = network.run({ input });
const best = logits.indexOf(Math.max(...logits));
console.log(`${shape.join('x')} picture, target ${model.target}: ${labels[best]} (score ${logits[best].toFixed(3)})`);

// Arrays can be used again: no run allocates anything.
const outputs = FashionModel.outputs();
const runs = 1000;
const before = performance.now();
for (let i = 0; i < runs; i++) network.run({ input }, outputs);
console.log(`${((1e3 * (performance.now() - before)) / runs).toFixed(1)} us per call`);
