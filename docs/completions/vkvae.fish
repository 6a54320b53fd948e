# fish completion for vkvae. Made by: vkvae help --format fish

# Whether the command line begins with these words, and then whether the next one is typed.
function __vkvae_after
    set -l words (commandline -opc)
    set -l last (math 1 + (count $argv))
    test (count $words) -ge $last; and test "$words[2..$last]" = "$argv"
end
function __vkvae_at
    test (count (commandline -opc)) -eq (math 1 + (count $argv)); or return
    test (count $argv) -eq 0; or __vkvae_after $argv
end

complete -c vkvae -f
complete -c vkvae -n __vkvae_at -s h -l help -d 'show an overview'
complete -c vkvae -n __vkvae_at -l version -d 'show the version'

complete -c vkvae -n __vkvae_at -a train -d 'train a variational autoencoder'
complete -c vkvae -n '__vkvae_after train' -l data -x -a 'shapes mnist fashion-mnist (__fish_complete_directories (commandline -ct))' -d 'a folder of IDX files (.gz or not), or the name of a set: shapes (drawn by the program), mnist, fashion-mnist'
complete -c vkvae -n '__vkvae_after train' -l out -x -a '(__fish_complete_directories (commandline -ct))' -d 'folder to write the run to'
complete -c vkvae -n '__vkvae_after train' -l force -d 'overwrite the run that is in DIR'
complete -c vkvae -n '__vkvae_after train' -l resume -x -a '(__fish_complete_directories (commandline -ct))' -d 'continue the run in DIR, with its settings'
complete -c vkvae -n '__vkvae_after train' -l epochs -x -d 'how often each picture is seen, in all; a resumed run keeps its own number unless this is given'
complete -c vkvae -n '__vkvae_after train' -l config -r -F -d 'take options from a JSON file, such as a run\'s config.json; the command line goes before it'
complete -c vkvae -n '__vkvae_after train' -l images -x -d 'pictures to train on'
complete -c vkvae -n '__vkvae_after train' -l test-images -x -d 'pictures to test on, none of which is trained on'
complete -c vkvae -n '__vkvae_after train' -l size -x -d 'height and width in pixels'
complete -c vkvae -n '__vkvae_after train' -l channels -x -d '1: grey, 3: colour'
complete -c vkvae -n '__vkvae_after train' -l data-seed -x -d 'of what is drawn: the same seed gives the same pictures on any machine'
complete -c vkvae -n '__vkvae_after train' -l model -x -a 'mlp' -d 'kind of encoder and decoder'
complete -c vkvae -n '__vkvae_after train' -l hidden -x -d 'widths of the encoder\'s hidden layers, from the picture on; the decoder has them in reverse'
complete -c vkvae -n '__vkvae_after train' -l activation -x -a 'relu leaky-relu elu tanh sigmoid softplus silu gelu' -d 'function behind each hidden layer'
complete -c vkvae -n '__vkvae_after train' -l latent -x -d 'dimensions of the latent space'
complete -c vkvae -n '__vkvae_after train' -l batch -x -d 'pictures a step'
complete -c vkvae -n '__vkvae_after train' -l lr -x -d 'Adam\'s learning rate'
complete -c vkvae -n '__vkvae_after train' -l seed -x -d 'of weights, order and noise: the same seed on the same device gives the same bytes'
complete -c vkvae -n '__vkvae_after train' -l device -x -d 'index, UUID or part of a name from \'vkvae devices\', or reference: scalar code on the host, slow'
complete -c vkvae -n '__vkvae_after train' -l kernels -x -a 'auto plain tile subgroup-buffer subgroup-texel' -d 'family of matrix kernels'
complete -c vkvae -n '__vkvae_after train' -l limits -x -a 'minimum' -d 'use no more than every Vulkan device offers; for tests'
complete -c vkvae -n '__vkvae_after train' -l validate -d 'run under the Vulkan validation layer; any message is an error'
complete -c vkvae -n '__vkvae_after train' -l json -d 'an object a line on standard output: {"event": "start"}, then "epoch" after each, then "profile", where that is asked for, and "end"'
complete -c vkvae -n '__vkvae_after train' -s q -l quiet -d 'say nothing but errors, warnings and what was asked for'
complete -c vkvae -n '__vkvae_after train' -l print-tape -d 'print each node of the training step, and the memory plan, before training'
complete -c vkvae -n '__vkvae_after train' -l profile -F -d 'print what a step\'s time goes to, operation by operation, at the end; FILE takes the same as a Chrome trace, for Perfetto'
complete -c vkvae -n '__vkvae_after train' -s h -l help -d 'show this help'

complete -c vkvae -n __vkvae_at -a sample -d 'draw new pictures from a trained model'
complete -c vkvae -n '__vkvae_after sample' -s n -l count -x -d 'how many pictures'
complete -c vkvae -n '__vkvae_after sample' -l seed -x -d 'of the draws: the same seed on the same device gives the same bytes'
complete -c vkvae -n '__vkvae_after sample' -l temperature -x -d 'standard deviation of the draws of z: below 1 nearer to the mean picture, above it wilder'
complete -c vkvae -n '__vkvae_after sample' -l from -r -F -d 'decode the z of a .npy instead: float32 [count, latent] in C order'
complete -c vkvae -n '__vkvae_after sample' -s o -l out -r -F -d '.png: a grid; .npy: float32 [count, height, width, channels] from 0 to 1'
complete -c vkvae -n '__vkvae_after sample' -l each -x -a '(__fish_complete_directories (commandline -ct))' -d 'write each picture into this new or empty folder: 00000.png, 00001.png, ...; no grid then without --out'
complete -c vkvae -n '__vkvae_after sample' -l columns -x -d 'of the grid'
complete -c vkvae -n '__vkvae_after sample' -l scale -x -d 'pixels of the PNG for each pixel of a picture, both ways'
complete -c vkvae -n '__vkvae_after sample' -l stats -d 'print mean and variance of all numbers of z, and of all pixels'
complete -c vkvae -n '__vkvae_after sample' -l config -r -F -d 'take options from a JSON file, such as a run\'s config.json; the command line goes before it'
complete -c vkvae -n '__vkvae_after sample' -l json -d 'an object {"run": text, "count": number, ...}, with what --stats prints'
complete -c vkvae -n '__vkvae_after sample' -s q -l quiet -d 'say nothing but errors, warnings and what was asked for'
complete -c vkvae -n '__vkvae_after sample' -l device -x -d 'index, UUID or part of a name from \'vkvae devices\', or reference: scalar code on the host, slow'
complete -c vkvae -n '__vkvae_after sample' -l kernels -x -a 'auto plain tile subgroup-buffer subgroup-texel' -d 'family of matrix kernels'
complete -c vkvae -n '__vkvae_after sample' -l limits -x -a 'minimum' -d 'use no more than every Vulkan device offers; for tests'
complete -c vkvae -n '__vkvae_after sample' -l validate -d 'run under the Vulkan validation layer; any message is an error'
complete -c vkvae -n '__vkvae_after sample' -s h -l help -d 'show this help'
complete -c vkvae -n '__vkvae_after sample' -F

complete -c vkvae -n __vkvae_at -a runs -d 'list the runs in a folder, newest first'
complete -c vkvae -n '__vkvae_after runs' -l json -d 'an object {"folder": text, "runs": [...]}; each run as \'info --json\' shows it, without its tensors'
complete -c vkvae -n '__vkvae_after runs' -s q -l quiet -d 'say nothing but errors, warnings and what was asked for'
complete -c vkvae -n '__vkvae_after runs' -s h -l help -d 'show this help'
complete -c vkvae -n '__vkvae_after runs' -a '(__fish_complete_directories (commandline -ct))'

complete -c vkvae -n __vkvae_at -a info -d 'settings, tensors and losses of a run or a checkpoint'
complete -c vkvae -n '__vkvae_after info' -l json -d 'one object: settings, losses, resumable, "tensors": [{"name", "shape"}]; null where the file does not say'
complete -c vkvae -n '__vkvae_after info' -s q -l quiet -d 'say nothing but errors, warnings and what was asked for'
complete -c vkvae -n '__vkvae_after info' -s h -l help -d 'show this help'
complete -c vkvae -n '__vkvae_after info' -F

complete -c vkvae -n __vkvae_at -a data -d 'draw a data set, or tell what one holds'
complete -c vkvae -n '__vkvae_at data' -a shapes -d 'draw the built-in set into a folder, as IDX files'
complete -c vkvae -n '__vkvae_after data shapes' -s o -l out -x -a '(__fish_complete_directories (commandline -ct))' -d 'folder to write; it is made where it is not there'
complete -c vkvae -n '__vkvae_after data shapes' -l force -d 'write to a folder that is not empty; the set in it is lost'
complete -c vkvae -n '__vkvae_after data shapes' -s n -l images -x -d 'pictures to train on'
complete -c vkvae -n '__vkvae_after data shapes' -l test-images -x -d 'pictures to test on, none of which is trained on'
complete -c vkvae -n '__vkvae_after data shapes' -l size -x -d 'height and width in pixels'
complete -c vkvae -n '__vkvae_after data shapes' -l channels -x -d '1: grey, 3: colour'
complete -c vkvae -n '__vkvae_after data shapes' -l data-seed -x -d 'of what is drawn: the same seed gives the same pictures on any machine'
complete -c vkvae -n '__vkvae_after data shapes' -l json -d 'what \'vkvae data info FOLDER --json\' prints'
complete -c vkvae -n '__vkvae_after data shapes' -s q -l quiet -d 'say nothing but errors, warnings and what was asked for'
complete -c vkvae -n '__vkvae_after data shapes' -s h -l help -d 'show this help'

complete -c vkvae -n '__vkvae_at data' -a info -d 'tell what a set holds, with a picture of its first images'
complete -c vkvae -n '__vkvae_after data info' -s o -l out -r -F -d '.png: a grid of the first pictures to train on'
complete -c vkvae -n '__vkvae_after data info' -s n -l count -x -d 'how many of them'
complete -c vkvae -n '__vkvae_after data info' -l images -x -d 'pictures to train on'
complete -c vkvae -n '__vkvae_after data info' -l test-images -x -d 'pictures to test on, none of which is trained on'
complete -c vkvae -n '__vkvae_after data info' -l size -x -d 'height and width in pixels'
complete -c vkvae -n '__vkvae_after data info' -l channels -x -d '1: grey, 3: colour'
complete -c vkvae -n '__vkvae_after data info' -l data-seed -x -d 'of what is drawn: the same seed gives the same pictures on any machine'
complete -c vkvae -n '__vkvae_after data info' -l json -d 'an object: name, path, sizes, what each part holds'
complete -c vkvae -n '__vkvae_after data info' -s q -l quiet -d 'say nothing but errors, warnings and what was asked for'
complete -c vkvae -n '__vkvae_after data info' -s h -l help -d 'show this help'
complete -c vkvae -n '__vkvae_after data info' -a 'shapes mnist fashion-mnist (__fish_complete_directories (commandline -ct))'

complete -c vkvae -n __vkvae_at -a devices -d 'list the Vulkan devices, and which one would be used and why'
complete -c vkvae -n '__vkvae_after devices' -l device -x -d 'index, UUID or part of a name from \'vkvae devices\', or reference: scalar code on the host, slow'
complete -c vkvae -n '__vkvae_after devices' -l json -d 'an object {"devices": [...], "chosen": index or null, "why": text}'
complete -c vkvae -n '__vkvae_after devices' -s q -l quiet -d 'say nothing but errors, warnings and what was asked for'
complete -c vkvae -n '__vkvae_after devices' -s h -l help -d 'show this help'

complete -c vkvae -n __vkvae_at -a help -d 'show this overview, or the options of a command'
complete -c vkvae -n '__vkvae_after help' -l format -x -a 'text man markdown bash zsh fish' -d 'what to write: help for a terminal, manual pages, a document, or a shell\'s completions'
complete -c vkvae -n '__vkvae_after help' -s h -l help -d 'show this help'
complete -c vkvae -n '__vkvae_after help; and not __vkvae_after help data' -a 'train sample runs info data devices help'
complete -c vkvae -n '__vkvae_at help data' -a 'shapes info'
